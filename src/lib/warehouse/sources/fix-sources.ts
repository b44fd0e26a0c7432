import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { orInterrupted } from '../interrupted.js';
import { inLanes } from '../lanes.js';
import { formatOfName } from './format.js';
import { makeList, objectName, type SourceList, type SourceObject, sourceFormats } from './list.js';
import { findFiles } from './local.js';
import { findObjects } from './objects.js';
import { readLocalObject } from './read-file.js';

/** Files at a time: small ones are mostly waiting. */
const lanes = 8;

export interface SourceContext {
  readonly cwd: string;
  readonly s3: () => Promise<S3Objects>;
  readonly signal?: AbortSignal | undefined;
  /** Hears of every file that was found. */
  readonly onFound?: ((count: number) => void) | undefined;
}

export interface Skipped {
  readonly source: string;
  readonly reason: string;
}

export interface FixedSources {
  /** One list for each format that was found, in the order of `sourceFormats`: each is a load of its own. */
  readonly lists: readonly SourceList[];
  readonly skipped: readonly Skipped[];
}

/**
 * What the arguments name, fixed: every file is read once for its digest. From here on the load is about these contents,
 * and about nothing that arrives later. Throws UsageError `SOURCE_MISSING`, `SOURCE_FORMAT_UNKNOWN`, `S3_URL_INVALID`.
 */
export function fixSources(named: readonly string[], context: SourceContext): Promise<FixedSources> {
  return orInterrupted(context.signal, () => fixAll(named, context));
}

async function fixAll(named: readonly string[], context: SourceContext): Promise<FixedSources> {
  const objects = new Map<string, SourceObject>();
  const skipped = new Map<string, Skipped>();
  const paths = new Set<string>();
  for (const name of named) {
    for await (const found of find(name, context)) {
      if ('skipped' in found) skipped.set(found.skipped, { source: found.skipped, reason: found.reason });
      else if ('path' in found) paths.add(found.path);
      else objects.set(objectName(found), found);
      context.onFound?.(objects.size + paths.size);
    }
  }
  await inLanes([...paths], lanes, context.signal, async (path) => {
    objects.set(path, await read(path, context.signal));
  });
  const groups = Map.groupBy(objects.values(), (object) => formatOfName(objectName(object))?.format);
  const lists = sourceFormats.flatMap((format) => {
    const group = groups.get(format);
    return group === undefined ? [] : [makeList(format, group)];
  });
  return { lists, skipped: [...skipped.values()] };
}

async function* find(name: string, { cwd, s3, signal }: SourceContext) {
  if (name.startsWith('s3://')) yield* findObjects(name, await s3(), signal);
  else yield* findFiles(name, cwd, signal);
}

async function read(path: string, signal: AbortSignal | undefined): Promise<SourceObject> {
  const named = formatOfName(path);
  if (named === undefined) throw new Error(`${path}: found without a format`);
  return await readLocalObject(path, named, signal);
}
