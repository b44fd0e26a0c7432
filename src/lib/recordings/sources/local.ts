import type { Stats } from 'node:fs';
import { glob, readdir, realpath } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../../base/errors/mlops-error.js';
import { statIfThere } from '../../platform/files/look.js';
import { isAudioName } from './audio-names.js';
import type { Item, Skipped } from './source.js';

export interface LocalContext {
  readonly cwd: string;
  /** Absolute path of a folder that holds results: never looked into, unless it is a source itself. */
  readonly exceptFolder?: string | undefined;
  /** Looks at the first bytes of a file that is not called like a recording. */
  readonly looksLikeAudio: (path: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

type Found = AsyncGenerator<Item | Skipped>;

/**
 * The recordings of one argument: a file that is there, a folder and all below it, or else a glob. A file that is named is
 * taken whatever it is called; of folders and globs those are, which are called like audio or begin like it.
 * Throws UsageError `SOURCE_MISSING`.
 */
export async function* findLocal(named: string, context: LocalContext): Found {
  const path = resolve(context.cwd, named);
  const stats = await statIfThere(path);
  if (stats?.isDirectory()) yield* walk(path, named, '', context);
  else if (stats?.isFile()) yield fileItem(await realpath(path), named, basename(path), stats);
  else if (stats !== undefined) throw missing(named, 'It is neither a file nor a folder.');
  else if (/[*?[{]/.test(named)) yield* matches(named, context);
  else throw missing(named, 'There is no such file or folder.');
}

async function* walk(folder: string, label: string, name: string, context: LocalContext): Found {
  const entries = await readdir(folder, { withFileTypes: true });
  // The order of the file system is no order.
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    context.signal.throwIfAborted();
    const path = join(folder, entry.name);
    const inner = { label: join(label, entry.name), name: name === '' ? entry.name : `${name}/${entry.name}` };
    if (path === context.exceptFolder) continue;
    if (entry.name.startsWith('.')) yield { source: inner.label, reason: 'hidden' };
    else if (entry.isDirectory()) yield* walk(path, inner.label, inner.name, context);
    else yield await candidate(path, inner.label, inner.name, context);
  }
}

async function* matches(pattern: string, context: LocalContext): Found {
  const base = staticFolder(pattern);
  let count = 0;
  const found: string[] = [];
  for await (const match of glob(pattern, { cwd: context.cwd })) found.push(match);
  for (const label of found.sort()) {
    context.signal.throwIfAborted();
    const path = resolve(context.cwd, label);
    const stats = await statIfThere(path);
    if (stats === undefined || stats.isDirectory() || isWithin(context.exceptFolder, path)) continue;
    count += 1;
    yield await candidate(path, label, relative(base, label).split(sep).join('/'), context);
  }
  if (count === 0) throw missing(pattern, 'No file matches it.');
}

/** A file of a folder or glob: an item, or why not. */
async function candidate(path: string, label: string, name: string, context: LocalContext): Promise<Item | Skipped> {
  const stats = await statIfThere(path);
  if (stats === undefined) return { source: label, reason: 'a link to nothing' };
  // A folder that links to one of its parents would have no end.
  if (stats.isDirectory()) return { source: label, reason: 'a link to a folder' };
  if (!stats.isFile()) return { source: label, reason: 'not a regular file' };
  if (!isAudioName(path) && !(await context.looksLikeAudio(path))) return { source: label, reason: 'not audio' };
  return fileItem(await realpath(path), label, name, stats);
}

function fileItem(path: string, label: string, name: string, { size }: Stats): Item {
  return { source: { kind: 'file', path, label, bytes: size }, name };
}

/** The folders of a pattern before the first that is none. */
function staticFolder(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  return parts.slice(0, first).join('/') || (isAbsolute(pattern) ? '/' : '.');
}

function isWithin(folder: string | undefined, path: string): boolean {
  return folder !== undefined && path.startsWith(folder + sep);
}

function missing(named: string, why: string): UsageError {
  return new UsageError(`${named} is no recording`, {
    code: 'SOURCE_MISSING',
    why,
    actions: ['Name a file, a folder, a glob in quotes, or s3://bucket/prefix'],
  });
}
