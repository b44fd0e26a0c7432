import { chmod, copyFile, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImagePlan } from './plan.js';

/**
 * The modification time of everything in a layer. A layer's digest covers times and modes, so with these fixed the same
 * files are the same layer whenever and wherever they are written.
 */
const fixedTime = new Date('2000-01-01T00:00:00Z');

/** Root's, readable by everybody, whatever the umask here is: the container's user is another one. */
const fileMode = 0o644;
const folderMode = 0o755;

export interface WrittenLayer {
  readonly name: string;
  readonly bytes: number;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

export const dockerfileName = 'Dockerfile';

/** Writes Dockerfile and layers into `dir`, an empty folder, and returns what is in them. */
export async function writeContext(plan: ImagePlan, dir: string): Promise<WrittenLayer[]> {
  await copyFile(plan.dockerfile, join(dir, dockerfileName));
  const written: WrittenLayer[] = [];
  for (const { name, files } of plan.layers) {
    const sizes: { path: string; bytes: number }[] = [];
    for (const { path, from } of files) {
      const target = join(dir, name, path);
      await mkdir(dirname(target), { recursive: true });
      if ('file' in from) await copyFile(from.file, target);
      else await writeFile(target, from.text);
      sizes.push({ path, bytes: (await stat(target)).size });
    }
    written.push({ name, bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0), files: sizes });
  }
  await normalize(dir);
  return written;
}

/** Children first: writing a child changes the time of its folder. */
async function normalize(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await normalize(path);
    else {
      await chmod(path, fileMode);
      await utimes(path, fixedTime, fixedTime);
    }
  }
  await chmod(dir, folderMode);
  await utimes(dir, fixedTime, fixedTime);
}
