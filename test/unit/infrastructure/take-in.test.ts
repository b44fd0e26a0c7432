import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { provision } from '../../../src/lib/infrastructure/provision.js';
import { fakeAws } from '../../support/fake-aws.js';
import { fakeTerraform } from '../../support/fake-terraform.js';
import { plainProvision, projectWith, testDeps } from '../../support/infrastructure-deps.js';

const kept = [
  {
    kind: 'bucket',
    name: 'full',
    arn: 'arn:full',
    why: '',
    resources: [
      { address: 'aws_s3_bucket.data[0]', id: 'full' },
      { address: 'aws_s3_bucket_versioning.data[0]', id: 'full' },
    ],
  },
  { kind: 'bucket', name: 'gone', arn: 'arn:gone', why: '', resources: [{ address: 'aws_s3_bucket.b', id: 'gone' }] },
  { kind: 'key', name: 'alias', arn: 'arn:key', why: '', resources: [{ address: 'aws_kms_key.data[0]', id: 'k1' }] },
  { kind: 'snapshot', name: 'snap', arn: 'arn:snap', why: '', resources: [] },
];

const aws = () =>
  fakeAws({
    sts: { callerIdentity: async () => ({ account: '1', arn: 'arn:me' }) },
    s3: { bucketRegion: async (bucket) => (bucket === 'full' ? 'us-east-1' : undefined) },
    kms: { deletionDate: async () => undefined },
  });

/** Plans as long as none of `missing` is to be imported; remembers what each plan was to import. */
async function run(missing: readonly string[], strange: readonly string[] = []) {
  const project = await projectWith('aws', { 'main.tf': 'variable "name" {}', 'kept.json': JSON.stringify({ kept }) });
  const imports = join(project.infra, 'kept-imports.tf.json');
  const seen: string[][] = [];
  const terraform = fakeTerraform({
    plan: async ({ args }) => {
      const { writeFile } = await import('node:fs/promises');
      const text = await readFile(imports, 'utf8').catch(() => '{"import":[]}');
      const addresses = (JSON.parse(text) as { import: Array<{ to: string }> }).import.map(({ to }) => to);
      seen.push(addresses);
      const wrong = [...addresses.filter((address) => missing.includes(address)), ...strange];
      const lines = wrong.map((address) => {
        const detail = `The configuration for the given import ${address} does not exist. All target instances must have one.`;
        return JSON.stringify({
          type: 'diagnostic',
          diagnostic: { severity: 'error', summary: 'Configuration for import target does not exist', detail },
        });
      });
      await writeFile(args.find((arg) => arg.startsWith('-out='))?.slice(5) ?? '', '');
      return { exitCode: wrong.length === 0 ? 0 : 1, stdout: lines.join('\n') };
    },
  });
  const deps = testDeps({ runner: terraform.runner, aws });
  await provision({ ...plainProvision, project }, deps);
  await expect(stat(imports)).rejects.toMatchObject({ code: 'ENOENT' });
  const record = JSON.parse(await readFile(join(project.infra, 'kept.json'), 'utf8')) as {
    kept: Array<{ name: string }>;
  };
  return { seen, said: deps.said.join('\n'), left: record.kept.map(({ name }) => name) };
}

test('what a former destroy kept is taken in again by import blocks, which do not outlive the apply', async () => {
  const { seen, left } = await run([]);
  expect(seen).toEqual([['aws_s3_bucket.data[0]', 'aws_s3_bucket_versioning.data[0]', 'aws_kms_key.data[0]']]);
  // A snapshot cannot be taken in; what is gone from the account stays on record until somebody looks.
  expect(left).toEqual(['gone', 'snap']);
});

test('what the configuration no longer has stays outside and on record', async () => {
  const { seen, left, said } = await run(['aws_s3_bucket.data[0]']);
  expect(seen.at(-1)).toEqual(['aws_kms_key.data[0]']);
  expect(left).toEqual(['full', 'gone', 'snap']);
  expect(said).toContain('Not part of the configuration any more, so it stays outside: full');
});

test('a bucket is taken in without the one guard that the user removed', async () => {
  const { seen, left } = await run(['aws_s3_bucket_versioning.data[0]']);
  expect(seen.at(-1)).toEqual(['aws_s3_bucket.data[0]', 'aws_kms_key.data[0]']);
  expect(left).toEqual(['gone', 'snap']);
});

test("an import that is somebody else's and has no configuration is an error, and no reason to plan again", async () => {
  await expect(run([], ['aws_vpc.theirs'])).rejects.toMatchObject({ why: expect.stringContaining('aws_vpc.theirs') });
});
