import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEks } from '../../../src/lib/platform/aws/eks.js';
import { errorOf } from '../../support/errors.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';

describe.skipIf(!hasMoto)('the door to EKS', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());
  beforeEach(() => {
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
  });

  test('a cluster is described, one that is not there is not, and tokens are made without a call', async () => {
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    const settings = { endpoint: moto.url, region: 'us-east-1', credentials };
    const client = new EKSClient(settings);
    const { Subnets = [] } = await new EC2Client(settings).send(new DescribeSubnetsCommand({}));
    const subnetIds = Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId);
    const roleArn = 'arn:aws:iam::123456789012:role/eks';
    await client.send(new CreateClusterCommand({ name: 'demo', roleArn, resourcesVpcConfig: { subnetIds } }));
    const eks = createEks({ region: 'us-east-1' });
    expect(await eks.describeCluster('demo')).toMatchObject({
      name: 'demo',
      status: 'ACTIVE',
      endpoint: expect.stringMatching(/^https:\/\//),
      certificateAuthority: expect.any(String),
    });
    expect(await eks.describeCluster('nowhere')).toBeUndefined();
    expect(await eks.clusterNames()).toEqual(['demo']);
    const calls = moto.seen.length;
    expect(await eks.clusterToken('demo')).toMatch(/^k8s-aws-v1\./);
    expect(moto.seen).toHaveLength(calls);
  });

  test('without credentials that is what is said', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    const error = await errorOf(() => createEks({ region: 'us-east-1' }).clusterToken('demo'));
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', exitCode: 5 });
  });
});
