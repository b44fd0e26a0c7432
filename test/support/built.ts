import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OpenShard } from '../../src/lib/load-test/shard.js';

/** `openThread` as it is built: a thread starts from a compiled file, which the sources are not. */
export async function builtOpenThread(): Promise<OpenShard> {
  const file = join(import.meta.dirname, '..', '..', 'dist', 'lib', 'load-test', 'thread.js');
  if (!existsSync(file)) throw new Error(`${file} is missing: npm run build`);
  return ((await import(pathToFileURL(file).href)) as { openThread: OpenShard }).openThread;
}
