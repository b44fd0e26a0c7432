// oclif trusts oclif.manifest.json even in development: a stale one hides new commands and flags.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const root = join(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'mlops-manifest-'));
try {
  for (const name of ['package.json', 'dist', 'bin', 'README.md'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const oclif = join(root, 'node_modules/oclif/bin/run.js');
  const made = spawnSync(process.execPath, [oclif, 'manifest'], { cwd: copy, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  // Commands stand in the order in which the file system lists them, which says nothing: members are compared, not text.
  const fresh = readFileSync(join(copy, 'oclif.manifest.json'), 'utf8');
  const committed = readFileSync(join(root, 'oclif.manifest.json'), 'utf8');
  if (isDeepStrictEqual(JSON.parse(fresh), JSON.parse(committed))) {
    process.stdout.write('oclif.manifest.json is fresh\n');
  } else {
    process.stderr.write('oclif.manifest.json is stale: run `npm run manifest` and commit it\n');
    process.exitCode = 1;
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
