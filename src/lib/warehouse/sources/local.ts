import { glob, readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../../base/errors/mlops-error.js';
import { statIfThere } from '../../platform/files/look.js';
import { formatOfName, knownEndings, reasonToSkip } from './format.js';

/** A file to be loaded, or one of a folder that is not. */
export type FoundFile = { readonly path: string } | { readonly skipped: string; readonly reason: string };

/**
 * The files of one argument: a file, a folder with all below it, or a glob. Paths are real ones, so that a file that is
 * reached by two names is one. Throws UsageError `SOURCE_MISSING` or, for a file that is named, `SOURCE_FORMAT_UNKNOWN`.
 */
export async function* findFiles(named: string, cwd: string, signal?: AbortSignal): AsyncGenerator<FoundFile> {
  const path = resolve(cwd, named);
  const stats = await statIfThere(path);
  if (stats?.isDirectory()) {
    yield* walk(path, signal);
    return;
  }
  if (stats?.isFile()) {
    if (formatOfName(path) === undefined) throw unknownFormat(named);
    yield { path: await realpath(path) };
    return;
  }
  if (stats !== undefined) throw missing(named, 'It is neither a file nor a folder.');
  if (!/[*?[{]/.test(named)) throw missing(named, 'There is no such file or folder.');
  yield* matches(named, cwd, signal);
}

export function unknownFormat(named: string): UsageError {
  return new UsageError(`${named} is not called like a file that can be loaded`, {
    code: 'SOURCE_FORMAT_UNKNOWN',
    why: `What a file holds is told by its name: ${knownEndings}.`,
  });
}

export function missing(named: string, why: string, actions?: readonly string[]): UsageError {
  return new UsageError(`There is nothing to load at ${named}`, {
    code: 'SOURCE_MISSING',
    why,
    actions: actions ?? ['Name files, folders, globs in quotes, or s3://bucket/prefix/'],
  });
}

async function* walk(folder: string, signal?: AbortSignal): AsyncGenerator<FoundFile> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    signal?.throwIfAborted();
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) yield await candidate(path);
    else if (!entry.name.startsWith('.')) yield* walk(path, signal);
  }
}

async function* matches(pattern: string, cwd: string, signal?: AbortSignal): AsyncGenerator<FoundFile> {
  let count = 0;
  for await (const match of glob(pattern, { cwd })) {
    signal?.throwIfAborted();
    const path = resolve(cwd, match);
    if ((await statIfThere(path))?.isDirectory() === true) continue;
    count += 1;
    yield await candidate(path);
  }
  if (count === 0) throw missing(pattern, 'No file matches it.');
}

async function candidate(path: string): Promise<FoundFile> {
  const reason = reasonToSkip(path);
  if (reason !== undefined) return { skipped: path, reason };
  const stats = await statIfThere(path);
  // A folder that links to one of its parents would have no end.
  if (stats?.isFile() !== true) return { skipped: path, reason: 'not a regular file' };
  return { path: await realpath(path) };
}
