import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEcr } from '../../../src/lib/platform/aws/ecr.js';
import { errorOf } from '../../support/errors.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';

describe.skipIf(!hasMoto)('the door to ECR', () => {
  let moto: Moto;

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());
  beforeEach(() => {
    moto.faults.length = 0;
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
  });

  test('gives a login of docker', async () => {
    const login = await createEcr({ region: 'eu-west-1' }).login();
    expect(login.registry).toMatch(/^\d{12}\.dkr\.ecr\.eu-west-1\.amazonaws\.com$/);
    expect(login.username).toBe('AWS');
    expect(login.password.length).toBeGreaterThan(5);
  });

  test('makes a repository once, with immutable tags and a scan of every push', async () => {
    const ecr = createEcr({ region: 'us-east-1' });
    expect(await ecr.createRepository('team/flights')).toBe(true);
    expect(await ecr.createRepository('team/flights')).toBe(false);
    const client = new ECRClient({ endpoint: moto.url, region: 'us-east-1' });
    const { repositories } = await client.send(new DescribeRepositoriesCommand({ repositoryNames: ['team/flights'] }));
    expect(repositories).toMatchObject([
      { imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } },
    ]);
  });

  test('names the permission that is missing', async () => {
    moto.faults.push({ call: 'ecr:GetAuthorizationToken', fault: 'denied' });
    const error = await errorOf(() => createEcr({ region: 'us-east-1' }).login());
    expect(error).toMatchObject({ code: 'ACCESS_DENIED', exitCode: 1 });
    expect(error.message).toContain('ecr:GetAuthorizationToken');
  });
});
