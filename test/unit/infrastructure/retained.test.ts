import { expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { findRetained } from '../../../src/lib/infrastructure/destroy/retained.js';
import { deleteServerlessWarehouse } from '../../../src/lib/infrastructure/destroy/serverless-warehouse.js';
import type { StateResource } from '../../../src/lib/infrastructure/state.js';
import { errorOf } from '../../support/errors.js';
import { fakeAws } from '../../support/fake-aws.js';

function resource(address: string, values: Record<string, unknown>): StateResource {
  return { address, kind: address.split('.')[0] ?? '', values };
}

const context = {
  partition: 'aws',
  region: 'us-east-1',
  account: '1',
  name: 'demo',
  deleteData: undefined,
  stamp: '202611212044',
};

const encryption = (key: string) => [{ apply_server_side_encryption_by_default: [{ kms_master_key_id: key }] }];

const state = [
  resource('aws_s3_bucket.data[0]', { id: 'full', bucket: 'full', arn: 'arn:aws:s3:::full', force_destroy: false }),
  resource('aws_s3_bucket.spare', { id: 'empty', bucket: 'empty', arn: 'arn:aws:s3:::empty', force_destroy: false }),
  resource('aws_s3_bucket.logs', { id: 'logs', bucket: 'logs', arn: 'arn:aws:s3:::logs', force_destroy: true }),
  resource('aws_s3_bucket_public_access_block.data[0]', { id: 'full', bucket: 'full' }),
  resource('aws_s3_bucket_public_access_block.spare', { id: 'empty', bucket: 'empty' }),
  resource('aws_s3_bucket_notification.data[0]', { id: 'full', bucket: 'full' }),
  resource('aws_s3_bucket_server_side_encryption_configuration.data[0]', {
    id: 'full',
    bucket: 'full',
    rule: encryption('arn:key/k1'),
  }),
  resource('aws_kms_key.data[0]', { id: 'k1', key_id: 'k1', arn: 'arn:key/k1' }),
  resource('aws_kms_key.other', { id: 'k2', key_id: 'k2', arn: 'arn:key/k2' }),
  resource('aws_kms_alias.data[0]', { id: 'alias/demo-data', name: 'alias/demo-data', target_key_id: 'k1' }),
];

const s3 = { isEmpty: async (bucket: string) => bucket === 'empty' };

test('a bucket with objects stays with what guards it and the key that reads it; nothing else does', async () => {
  const { kept } = await findRetained(state, fakeAws({ s3 }), context);
  expect(kept).toEqual([
    {
      kind: 'bucket',
      name: 'full',
      arn: 'arn:aws:s3:::full',
      why: 'it holds objects',
      resources: [
        { address: 'aws_s3_bucket.data[0]', id: 'full' },
        { address: 'aws_s3_bucket_public_access_block.data[0]', id: 'full' },
        { address: 'aws_s3_bucket_server_side_encryption_configuration.data[0]', id: 'full' },
      ],
    },
    {
      kind: 'key',
      name: 'alias/demo-data',
      arn: 'arn:key/k1',
      why: 'without it bucket full cannot be read',
      resources: [
        { address: 'aws_kms_key.data[0]', id: 'k1' },
        { address: 'aws_kms_alias.data[0]', id: 'alias/demo-data' },
      ],
    },
  ]);
});

test('a bucket that is given up is not kept, and neither is its key', async () => {
  const { kept } = await findRetained(state, fakeAws({ s3 }), { ...context, deleteData: 'full' });
  expect(kept).toEqual([]);
});

test("a provisioned warehouse's final snapshot is listed by ARN, and its key stays", async () => {
  const cluster = resource('aws_redshift_cluster.main', {
    cluster_identifier: 'demo',
    final_snapshot_identifier: 'demo-final',
    skip_final_snapshot: false,
    kms_key_id: 'arn:key/k2',
  });
  const { kept } = await findRetained([...state.slice(8, 9), cluster], fakeAws({ s3 }), context);
  expect(kept.map(({ arn }) => arn)).toEqual(['arn:key/k2', 'arn:aws:redshift:us-east-1:1:snapshot:demo/demo-final']);
  const skipping = { ...cluster, values: { ...cluster.values, skip_final_snapshot: true } };
  expect((await findRetained([...state.slice(8, 9), skipping], fakeAws({ s3 }), context)).kept).toEqual([]);
});

const namespace = resource('aws_redshiftserverless_namespace.main', {
  namespace_name: 'demo',
  kms_key_id: 'arn:key/k2',
});
const workgroup = resource('aws_redshiftserverless_workgroup.main', {
  namespace_name: 'demo',
  workgroup_name: 'group',
});
const warehouse = {
  namespace: 'demo',
  workgroups: ['group'],
  snapshot: 'demo-final-202611212044',
  addresses: ['aws_redshiftserverless_namespace.main', 'aws_redshiftserverless_workgroup.main'],
};

test('Redshift Serverless is deleted by AWS itself, with a snapshot of another name each time, and its key stays', async () => {
  const found = await findRetained([...state.slice(8, 9), namespace, workgroup], fakeAws({ s3 }), context);
  expect(found.warehouses).toEqual([warehouse]);
  expect(found.kept.map(({ arn }) => arn)).toEqual(['arn:key/k2']);
});

test('the workgroup goes before the namespace, each is waited for, and the snapshot is listed by ARN', async () => {
  const log: string[] = [];
  const goesAfter = (rounds: number, what: string) => async () => {
    log.push(`ask ${what}`);
    return log.filter((entry) => entry === `ask ${what}`).length < rounds;
  };
  const never = new AbortController().signal;
  const deps = { reporter: silentReporter, interrupts: { stop: never, giveUp: never }, sleep: async () => {} };
  const redshiftServerless = {
    deleteWorkgroup: async (name: string) => void log.push(`delete ${name}`),
    hasWorkgroup: goesAfter(2, 'group'),
    deleteNamespace: async (name: string, snapshot: string) => void log.push(`delete ${name} with ${snapshot}`),
    hasNamespace: goesAfter(3, 'demo'),
    snapshotArn: async (name: string) => `arn:snapshot/${name}`,
  };
  const kept = await deleteServerlessWarehouse(warehouse, fakeAws({ redshiftServerless }), deps);
  expect(log).toEqual([
    'delete group',
    'ask group',
    'ask group',
    'delete demo with demo-final-202611212044',
    'ask demo',
    'ask demo',
    'ask demo',
  ]);
  expect(kept).toMatchObject({ kind: 'snapshot', arn: 'arn:snapshot/demo-final-202611212044', resources: [] });

  const interrupted = { ...deps, sleep: () => Promise.reject(new Error('aborted')) };
  const slow = fakeAws({ redshiftServerless: { ...redshiftServerless, hasWorkgroup: async () => true } });
  expect(await errorOf(() => deleteServerlessWarehouse(warehouse, slow, interrupted))).toMatchObject({ exitCode: 130 });
});
