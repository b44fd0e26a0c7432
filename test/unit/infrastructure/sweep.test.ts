import { expect, test } from 'vitest';
import { sweep } from '../../../src/lib/infrastructure/destroy/sweep.js';
import { fakeAws } from '../../support/fake-aws.js';

const arn = (rest: string) => `arn:aws:${rest}`;
const key = (id: string) => arn(`kms:us-east-1:1:key/${id}`);

test('lists what is left; not what is kept, what terraform saw off, what is dead or what AWS deletes by itself', async () => {
  const listed = [
    arn('s3:::kept'),
    arn('ec2:us-east-1:1:vpc/vpc-0a1b2c3d'),
    arn('ec2:us-east-1:1:instance/i-dead'),
    arn('ec2:us-east-1:1:instance/i-alive'),
    arn('ec2:us-east-1:1:natgateway/nat-dead'),
    arn('sqs:us-east-1:1:forgotten'),
    key('pending'),
    key('forgotten'),
    key('gone'),
  ];
  const tags: string[] = [];
  const aws = fakeAws({
    tagging: {
      arnsTagged: async (name, value) => {
        tags.push(`${name}=${value}`);
        return listed;
      },
    },
    ec2: {
      livingInstances: async (ids) => ids.filter((id) => id === 'i-alive'),
      livingNatGateways: async () => [],
    },
    kms: {
      deletionDate: async (id) => {
        if (id === key('pending')) return new Date('2026-12-21T00:00:00Z');
        return id === key('gone') ? new Date(0) : undefined;
      },
    },
  });
  const iam = arn('iam::1:policy/left');
  const global = fakeAws({ tagging: { arnsTagged: async () => [iam, arn('s3:::kept')] } });
  const kept = new Set([arn('s3:::kept')]);
  const found = await sweep([aws, global], { name: 'demo', kept, gone: new Set(['vpc-0a1b2c3d']) });
  expect(tags).toEqual(['mlops:project=demo']);
  expect(found).toEqual({
    left: [arn('ec2:us-east-1:1:instance/i-alive'), iam, key('forgotten'), arn('sqs:us-east-1:1:forgotten')].sort(),
    pending: [{ arn: key('pending'), date: '2026-12-21' }],
  });
});
