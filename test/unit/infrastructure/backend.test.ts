import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Reporter, silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { backendMoves, configureBackend, parseBackend } from '../../../src/lib/infrastructure/folder/backend.js';
import { errorOf } from '../../support/errors.js';
import { type FakeAws, fakeAws } from '../../support/fake-aws.js';
import { tempDir } from '../../support/temp-dir.js';

const backend = { bucket: 'team-state', key: 'a/b.tfstate' };

async function configure(s3: FakeAws['s3'], dir: string, reporter: Reporter = silentReporter) {
  const dataDir = join(dir, '.terraform');
  await configureBackend({ dir, backend, region: 'eu-west-1', dataDir }, fakeAws({ s3: s3 ?? {} }).s3, reporter);
  return JSON.parse(await readFile(join(dir, 'backend.tf.json'), 'utf8')) as unknown;
}

async function localState(dir: string, resources: unknown[]) {
  await writeFile(join(dir, 'terraform.tfstate'), JSON.stringify({ version: 4, resources }));
}

test('s3://bucket/key is read; anything else is wrong usage', async () => {
  expect(parseBackend('s3://team-state/a/b.tfstate')).toEqual(backend);
  for (const text of ['s3://bucket', 's3://b/k', 's3://Bucket/k', 'gs://bucket/k', 's3://bucket/dir/', 'local']) {
    expect(await errorOf(() => parseBackend(text))).toMatchObject({ code: 'BACKEND_INVALID', exitCode: 2 });
  }
});

test('a bucket that is not there is made and secured; the lock is the native one', async () => {
  const calls: string[] = [];
  const document = await configure(
    {
      bucketRegion: async () => undefined,
      createBucket: async (name, tags) => void calls.push(`create ${name} ${JSON.stringify(tags)}`),
      secureBucket: async (name) => void calls.push(`secure ${name}`),
    },
    await tempDir(),
  );
  // Without the project's tag: the state outlives the project and is no leftover of it.
  expect(calls).toEqual(['create team-state {"mlops:purpose":"terraform-state"}', 'secure team-state']);
  const settings = { ...backend, region: 'eu-west-1', encrypt: true, use_lockfile: true };
  expect(document).toMatchObject({ terraform: { backend: { s3: settings } } });
});

test('a bucket that is there is used where it is; one without versions is warned of', async () => {
  const warnings: string[] = [];
  const reporter = { ...silentReporter, warn: (text: string) => void warnings.push(text) };
  const s3 = { bucketRegion: async () => 'us-west-2', isVersioned: async () => false };
  const document = await configure(s3, await tempDir(), reporter);
  expect(document).toMatchObject({ terraform: { backend: { s3: { region: 'us-west-2' } } } });
  expect(warnings.join()).toContain('keeps no versions');
});

test('a state of something else at the destination is not overwritten', async () => {
  const dir = await tempDir();
  await localState(dir, [{}]);
  const s3 = { bucketRegion: async () => 'us-west-2', isVersioned: async () => true, hasObject: async () => true };
  expect(await errorOf(() => configure(s3, dir))).toMatchObject({ code: 'STATE_EXISTS', exitCode: 1 });
});

test('joining a state that is there already is fine for a folder without one', async () => {
  const s3 = { bucketRegion: async () => 'us-west-2', isVersioned: async () => true };
  await configure(s3, await tempDir());
});

test('a state moves only when there is one and its place changes', async () => {
  const dir = await tempDir();
  const dataDir = join(dir, '.terraform');
  const moves = () => backendMoves(dir, dataDir);
  expect(await moves()).toBeUndefined();
  await localState(dir, [{}]);
  expect(await moves()).toBeUndefined();

  const s3 = { bucketRegion: async () => 'eu-west-1', isVersioned: async () => true, hasObject: async () => false };
  await configure(s3, dir);
  expect(await moves()).toEqual({ from: 'terraform.tfstate in the working folder', to: 's3://team-state/a/b.tfstate' });
  await localState(dir, []);
  expect(await moves()).toBeUndefined();

  await mkdir(dataDir);
  const record = (bucket: string) =>
    writeFile(
      join(dataDir, 'terraform.tfstate'),
      JSON.stringify({ backend: { type: 's3', config: { ...backend, bucket } } }),
    );
  await record('team-state');
  expect(await moves()).toBeUndefined();
  await record('former');
  expect(await moves()).toEqual({ from: 's3://former/a/b.tfstate', to: 's3://team-state/a/b.tfstate' });
});
