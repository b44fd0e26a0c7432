import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

const make = () => mkdtemp(join(tmpdir(), 'mlops-test-'));
const remove = (dir: string) => rm(dir, { recursive: true, force: true });

/** A folder of its own for the running test, gone when it ends. */
export async function tempDir(): Promise<string> {
  const dir = await make();
  onTestFinished(() => remove(dir));
  return dir;
}

/** A folder that the tests of a file share, gone after the last: for the top of a file or of a `describe`. */
export async function sharedTempDir(): Promise<string> {
  const dir = await make();
  afterAll(() => remove(dir));
  return dir;
}
