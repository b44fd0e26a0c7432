import { createHash } from 'node:crypto';
import type { Item } from './source.js';
import { sourceIdentity } from './source.js';

/** Longest name of a file on the file systems in use, in bytes. */
const mostNameBytes = 255;
const longestEnding = '.jsonl'.length;

/**
 * Gives items with the same name longer ones: the path from the folder that they have in common. Every name is then safe
 * to be a path below any folder.
 */
export function nameResults(items: readonly Item[]): Item[] {
  let named = items.map((item) => ({ ...item, name: safeName(item.name) }));
  for (const longer of [fromCommonFolder, fullNames]) {
    const groups = Map.groupBy(named, ({ name }) => name);
    named = named.map((item) => {
      const group = groups.get(item.name) ?? [];
      return group.length < 2 ? item : { ...item, name: safeName(longer(group).get(item) ?? item.name) };
    });
  }
  return named;
}

/**
 * A relative path that stays below any folder: a key of S3 may hold `..`, nothing between two slashes, or a slash in
 * front. Names of our own at the top are kept free, and what is too long for a file is cut and told apart by a hash.
 */
export function safeName(path: string): string {
  return path
    .split('/')
    .map((segment, index) => {
      if (segment === '') return '%2F';
      if (/^\.+$/.test(segment)) return segment.replaceAll('.', '%2E');
      if (index === 0 && (segment === 'errors' || segment.startsWith('.mlops-transcribe'))) return `_${segment}`;
      return shortened(segment.replaceAll('\0', '%00'));
    })
    .join('/');
}

function shortened(segment: string): string {
  if (Buffer.byteLength(segment) + longestEnding <= mostNameBytes) return segment;
  const hash = createHash('sha256').update(segment).digest('hex').slice(0, 16);
  const kept = Buffer.from(segment).subarray(0, mostNameBytes - longestEnding - hash.length - 1);
  // A character that was cut in half becomes U+FFFD.
  return `${kept.toString('utf8').replace(/\uFFFD+$/, '')}~${hash}`;
}

function fullNames(group: readonly Item[]): Map<Item, string> {
  return new Map(group.map((item) => [item, segmentsOf(item).join('/')]));
}

function fromCommonFolder(group: readonly Item[]): Map<Item, string> {
  const paths = group.map(segmentsOf);
  const [first = []] = paths;
  let common = 0;
  while (common < first.length - 1 && paths.every((path) => path[common] === first[common])) common += 1;
  return new Map(group.map((item, index) => [item, (paths[index] ?? []).slice(common).join('/')]));
}

/** From the root, without the empty segment before a leading slash. */
function segmentsOf({ source }: Item): string[] {
  const path = sourceIdentity(source).replace(/^s3:\/\//, '');
  return path.replace(/^\//, '').split('/');
}
