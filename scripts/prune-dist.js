// Removes what a former build left in dist for a source that is gone, so that a deleted command cannot live on.
// Running after tsc, it never leaves dist empty for a test or a server that reads it meanwhile.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

for (const entry of readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const output = join(entry.parentPath, entry.name);
  // What scripts/bundle.js makes of the rest.
  if (output.startsWith(join(root, 'dist', 'image'))) continue;
  const source = output.replace(join(root, 'dist'), join(root, 'src')).replace(/\.js$/, '.ts');
  if (!existsSync(source)) rmSync(output);
}
