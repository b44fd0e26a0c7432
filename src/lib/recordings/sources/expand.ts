import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { isS3Url } from '../../platform/aws/s3-url.js';
import { findLocal, type LocalContext } from './local.js';
import { findObjects } from './objects.js';
import { nameResults } from './result-names.js';
import { type Item, type Skipped, sourceIdentity } from './source.js';

export interface Expanded {
  /** In the order of the arguments, each recording once. No two have the same name. */
  readonly items: readonly Item[];
  readonly skipped: readonly Skipped[];
}

/** What all the arguments together name. Throws UsageError `SOURCE_MISSING` or `S3_URL_INVALID` before any work. */
export async function expandSources(
  named: readonly string[],
  context: LocalContext & { readonly s3: () => Promise<S3Objects> },
): Promise<Expanded> {
  const items = new Map<string, Item>();
  const skipped = new Map<string, Skipped>();
  for (const name of named) {
    const found = isS3Url(name) ? findObjects(name, await context.s3(), context.signal) : findLocal(name, context);
    for await (const one of found) {
      if ('reason' in one) skipped.set(one.source, one);
      else {
        const identity = sourceIdentity(one.source);
        if (!items.has(identity)) items.set(identity, one);
      }
    }
  }
  return { items: nameResults([...items.values()]), skipped: [...skipped.values()] };
}
