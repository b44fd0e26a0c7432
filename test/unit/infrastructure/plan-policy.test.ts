import { describe, expect, test } from 'vitest';
import { checkPolicies, type PlannedResource } from '../../support/plan-policy.js';
import { plannedResources } from '../../support/planned-resources.js';

function resource(
  address: string,
  values: Record<string, unknown>,
  rest: Partial<PlannedResource> = {},
): PlannedResource {
  return { address, type: address.split('.')[0] ?? '', values, unknown: {}, references: {}, ...rest };
}

const policy = (statement: object) => JSON.stringify({ Statement: [statement] });
const blocked = {
  block_public_acls: true,
  block_public_policy: true,
  ignore_public_acls: true,
  restrict_public_buckets: true,
};
const bucket = resource('aws_s3_bucket.a', { bucket: 'a' });
const block = resource('aws_s3_bucket_public_access_block.a', { bucket: 'a', ...blocked });
const encryption = resource('aws_s3_bucket_server_side_encryption_configuration.a', { bucket: 'a' });

const good: PlannedResource[] = [
  bucket,
  block,
  encryption,
  resource('aws_s3_bucket_policy.a', {
    policy: policy({ Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: {} }),
  }),
  resource('aws_kms_key.a', {
    policy: policy({ Effect: 'Allow', Principal: { AWS: 'arn:root' }, Action: 'kms:*', Resource: '*' }),
  }),
  resource('aws_iam_role.ci', {
    assume_role_policy: policy({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { 'token.actions.githubusercontent.com:sub': 'repo:a/b:ref:refs/heads/main' } },
    }),
  }),
  resource('aws_iam_role_policy.a', {
    policy: policy({ Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:x' }),
  }),
  resource('aws_security_group.a', {
    ingress: [{ cidr_blocks: ['10.0.0.0/8'] }],
    egress: [{ cidr_blocks: ['0.0.0.0/0'] }],
  }),
  resource('aws_vpc_security_group_ingress_rule.a', { cidr_ipv4: '10.0.0.0/8' }),
  resource('aws_sqs_queue.a', {}, { unknown: { kms_master_key_id: true } }),
  resource('aws_cloudwatch_log_group.a', { kms_key_id: 'arn:key' }),
  resource('aws_instance.a', { root_block_device: [{ encrypted: true }], associate_public_ip_address: false }),
  resource('aws_launch_template.a', { block_device_mappings: [{ ebs: [{ encrypted: 'true' }] }] }),
  resource('aws_eks_cluster.a', {
    encryption_config: [{}],
    vpc_config: [{ endpoint_public_access: false, public_access_cidrs: [] }],
  }),
  resource('aws_redshift_cluster.a', {
    encrypted: true,
    manage_master_password: true,
    master_password_secret_arn: 'arn:secret',
  }),
  resource('aws_lambda_function.a', { environment: [{ variables: { DB_SECRET: 'arn:aws:secretsmanager:x' } }] }),
];

test('what is in order passes', () => {
  expect(checkPolicies(good)).toEqual([]);
});

describe('each planted violation is found, and nothing else', () => {
  const cases: Record<string, [PlannedResource, RegExp]> = {
    '*:*': [
      resource('aws_iam_policy.x', { policy: policy({ Effect: 'Allow', Action: '*', Resource: '*' }) }),
      /every action/,
    ],
    'everything but': [
      resource('aws_iam_policy.x', { policy: policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }) }),
      /every action/,
    ],
    'an inline *:*': [
      resource('aws_iam_role.x', { inline_policy: [{ policy: policy({ Effect: 'Allow', Action: ['a:b', '*'] }) }] }),
      /every action/,
    ],
    'an administrator by attachment': [
      resource('aws_iam_role_policy_attachment.x', { policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
      /administrator/,
    ],
    'a whole service': [
      resource('aws_iam_role_policy.x', { policy: policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' }) }),
      /all of a service/,
    ],
    'any repository of GitHub': [
      resource('aws_iam_role.x', {
        assume_role_policy: policy({
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: 'arn:x' },
          Condition: { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' } },
        }),
      }),
      /every subject/,
    ],
    'any repository in other words': [
      resource('aws_iam_role.x', {
        assume_role_policy: policy({
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:*' } },
        }),
      }),
      /every subject/,
    ],
    'half of the internet': [resource('aws_vpc_security_group_ingress_rule.x', { cidr_ipv4: '128.0.0.0/1' }), /open/],
    'a template nobody gave a disk': [resource('aws_launch_template.x', { image_id: 'ami-1' }), /not encrypted/],
    'a bucket for everybody': [
      resource('aws_s3_bucket_policy.x', {
        policy: policy({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:GetObject' }),
      }),
      /everybody/,
    ],
    'an open group': [
      resource('aws_security_group.x', { ingress: [{ cidr_blocks: ['10.0.0.0/8', '0.0.0.0/0'] }] }),
      /open/,
    ],
    'an open rule': [resource('aws_vpc_security_group_ingress_rule.x', { cidr_ipv4: '0.0.0.0/0' }), /open/],
    'an open rule of IPv6': [
      resource('aws_security_group_rule.x', { type: 'ingress', ipv6_cidr_blocks: ['::/0'] }),
      /open/,
    ],
    'a public ACL': [resource('aws_s3_bucket_acl.x', { acl: 'public-read' }), /ACL/],
    'an unencrypted queue': [resource('aws_sqs_queue.x', { sqs_managed_sse_enabled: false }), /not encrypted/],
    'an unencrypted log group': [resource('aws_cloudwatch_log_group.x', {}), /not encrypted/],
    'an unencrypted disk': [resource('aws_instance.x', { root_block_device: [{ encrypted: false }] }), /not encrypted/],
    'a disk nobody mentions': [resource('aws_instance.x', {}), /not encrypted/],
    'an unencrypted template': [
      resource('aws_launch_template.x', { block_device_mappings: [{ ebs: [{ encrypted: 'false' }] }] }),
      /not encrypted/,
    ],
    'an unencrypted warehouse': [resource('aws_redshift_cluster.x', { encrypted: false }), /not encrypted/],
    'a password': [resource('aws_redshift_cluster.x', { encrypted: true, master_password: 'hunter2' }), /plaintext/],
    'a secret in an environment': [
      resource('aws_lambda_function.x', { environment: [{ variables: { API_TOKEN: 'x' } }] }),
      /plaintext/,
    ],
    'a key in user data': [
      resource('aws_instance.x', {
        root_block_device: [{ encrypted: true }],
        user_data: 'export K=AKIAABCDEFGHIJKLMNOP',
      }),
      /plaintext/,
    ],
    'a public endpoint': [
      resource('aws_eks_cluster.x', {
        encryption_config: [{}],
        vpc_config: [{ endpoint_public_access: true, public_access_cidrs: [] }],
      }),
      /names no networks/,
    ],
    'an endpoint open to all': [
      resource('aws_eks_cluster.x', {
        encryption_config: [{}],
        vpc_config: [{ endpoint_public_access: true, public_access_cidrs: ['0.0.0.0/0'] }],
      }),
      /names no networks/,
    ],
    'a public warehouse': [
      resource('aws_redshift_cluster.x', { encrypted: true, publicly_accessible: true }),
      /public address/,
    ],
  };
  test.each(Object.entries(cases))('%s', (_name, [planted, rule]) => {
    expect(checkPolicies([...good, planted])).toEqual([
      { address: planted.address, rule: expect.stringMatching(rule) },
    ]);
  });

  test('a bucket without its guards', () => {
    const rulesFor = (all: PlannedResource[]) => checkPolicies(all).map(({ rule }) => rule);
    expect(rulesFor([bucket, encryption])).toEqual(['a bucket does not block public access']);
    const half = resource('aws_s3_bucket_public_access_block.a', {
      bucket: 'a',
      ...blocked,
      block_public_policy: false,
    });
    expect(rulesFor([bucket, half, encryption])).toEqual(['a bucket does not block public access']);
    expect(rulesFor([bucket, block])).toEqual(['a store is not encrypted']);
    // The guards of another bucket do not count.
    expect(rulesFor([resource('aws_s3_bucket.b', { bucket: 'b' }), block, encryption])).toHaveLength(2);
  });
});

test('in a plan, where names are not known yet, guards belong to a bucket by reference', () => {
  const expressions = { bucket: { references: ['aws_s3_bucket.a[0].id', 'aws_s3_bucket.a[0]', 'aws_s3_bucket.a'] } };
  const types = ['aws_s3_bucket_public_access_block', 'aws_s3_bucket_server_side_encryption_configuration'];
  const resources = plannedResources({
    planned_values: {
      root_module: {
        resources: [
          { address: 'aws_s3_bucket.a[0]', mode: 'managed', type: 'aws_s3_bucket', values: {} },
          { address: 'data.x.y', mode: 'data', type: 'x' },
        ],
        child_modules: [
          {
            resources: types.map((type) => ({
              address: `${type}.a[0]`,
              mode: 'managed',
              type,
              values: { ...blocked },
            })),
          },
        ],
      },
    },
    configuration: { root_module: { resources: types.map((type) => ({ address: `${type}.a`, expressions })) } },
  });
  expect(resources).toHaveLength(3);
  expect(checkPolicies(resources)).toEqual([]);
});
