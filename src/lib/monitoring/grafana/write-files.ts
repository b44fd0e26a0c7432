import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfThere, writeAtomically } from '../../platform/files/write.js';
import type { GeneratedFile } from './provisioning.js';

/** What became of a file. `kept`: somebody has changed it, so it is theirs; `removed`: it is not generated any more. */
export type FileAction = 'created' | 'updated' | 'unchanged' | 'kept' | 'removed';

export interface WrittenFile {
  readonly path: string;
  readonly action: FileAction;
}

/** Which text we wrote to which file: what differs from it was changed by hand. */
const recordName = '.mlops-generated.json';

type Digests = Readonly<Record<string, string>>;

/**
 * Writes generated files below `dir`. A file that was changed by hand since we wrote it stays as it is, unless `force`;
 * so does one that we never wrote.
 */
export async function writeGenerated(
  dir: string,
  files: readonly GeneratedFile[],
  options: { force: boolean },
): Promise<WrittenFile[]> {
  const recorded = await readRecord(dir);
  const digests: Record<string, string> = {};
  const written: WrittenFile[] = [];
  for (const { path, text } of files) {
    const action = await place(join(dir, path), text, recorded[path], options.force);
    const digest = action === 'kept' ? recorded[path] : digestOf(text);
    if (digest !== undefined) digests[path] = digest;
    written.push({ path, action });
  }
  for (const [path, digest] of Object.entries(recorded)) {
    if (files.some((file) => file.path === path)) continue;
    const action = await removeOurs(join(dir, path), digest, options.force);
    if (action === 'kept') digests[path] = digest;
    if (action !== undefined) written.push({ path, action });
  }
  const note = 'Written by mlops: which files it generated, so that it never overwrites what you have changed.';
  await writeAtomically(join(dir, recordName), `${JSON.stringify({ '//': note, files: digests }, null, 2)}\n`);
  return written;
}

/** What we wrote below `dir` and is still there as we wrote it; with `force` also what was changed since. */
export async function writtenBefore(dir: string, options: { force: boolean }): Promise<GeneratedFile[]> {
  const found = Object.entries(await readRecord(dir)).map(async ([path, digest]) => {
    const text = await readIfThere(join(dir, path));
    return text !== undefined && (options.force || digestOf(text) === digest) ? [{ path, text }] : [];
  });
  return (await Promise.all(found)).flat();
}

async function place(file: string, text: string, recorded: string | undefined, force: boolean): Promise<FileAction> {
  const found = await readIfThere(file);
  if (found === text) return 'unchanged';
  if (found !== undefined && digestOf(found) !== recorded && !force) return 'kept';
  await mkdir(dirname(file), { recursive: true });
  await writeAtomically(file, text);
  return found === undefined ? 'created' : 'updated';
}

/** A dashboard that is no longer generated would otherwise be provisioned for ever. */
async function removeOurs(file: string, digest: string, force: boolean): Promise<FileAction | undefined> {
  const found = await readIfThere(file);
  if (found === undefined) return undefined;
  if (digestOf(found) !== digest && !force) return 'kept';
  await rm(file);
  return 'removed';
}

/** Without a readable record every file counts as the user's. */
async function readRecord(dir: string): Promise<Digests> {
  try {
    const { files } = JSON.parse((await readIfThere(join(dir, recordName))) ?? '{}') as { files?: unknown };
    if (typeof files !== 'object' || files === null) return {};
    return Object.fromEntries(
      Object.entries(files).filter(([path, digest]) => typeof digest === 'string' && isInside(path)),
    );
  } catch {
    return {};
  }
}

/** A record is a file like any other: it must not make us delete something elsewhere. */
function isInside(path: string): boolean {
  return !path.startsWith('/') && !path.split(/[\\/]/).includes('..');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
