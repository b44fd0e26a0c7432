import { MlopsError, UsageError } from '../../base/errors/mlops-error.js';
import type { ListedObject, S3Objects } from '../../platform/aws/s3-objects.js';
import { parseS3Url, s3Url } from '../../platform/aws/s3-url.js';
import { isAudioName } from './audio-names.js';
import type { Item, Skipped } from './source.js';

/**
 * The recordings of `s3://bucket/..`: the object of exactly this key; else all that is below it as a folder; with a `*` at
 * the end every key that begins so. Of folders and prefixes those are taken, which are called like audio: looking at
 * the content of every object would be a request, and money, for each.
 * Throws UsageError `SOURCE_MISSING` and what S3 answers.
 */
export async function* findObjects(url: string, s3: S3Objects, signal: AbortSignal): AsyncGenerator<Item | Skipped> {
  const { bucket, key } = parseS3Url(url);
  const isFolder = key === '' || key.endsWith('/');
  const exact = isFolder ? undefined : await headIfAllowed(s3, bucket, key, signal);
  if (exact !== undefined) {
    yield item(bucket, exact, key.slice(key.lastIndexOf('/') + 1));
    return;
  }
  const isPrefix = key.endsWith('*');
  const prefix = isPrefix ? key.slice(0, -1) : isFolder ? key : `${key}/`;
  // Names start at the folder, also where the prefix goes on beyond it.
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  let count = 0;
  for await (const object of s3.listObjects(bucket, prefix, signal)) {
    count += 1;
    const source = s3Url({ bucket, key: object.key });
    if (object.key.endsWith('/')) yield { source, reason: 'a folder marker' };
    else if (!isAudioName(object.key)) yield { source, reason: 'not called like audio' };
    else yield item(bucket, object, object.key.slice(folder.length));
  }
  // A folder may be empty today.
  if (count === 0 && !isFolder) {
    throw new UsageError(`There is no ${url}`, {
      code: 'SOURCE_MISSING',
      why: isPrefix ? 'No key begins so.' : 'No object has this key, and none lies below it as a folder.',
      ...(isPrefix ? {} : { actions: [`To take every key that begins so: '${url}*'`] }),
    });
  }
}

function item(bucket: string, { key, bytes }: ListedObject, name: string): Item {
  return { source: { kind: 'object', bucket, key, label: s3Url({ bucket, key }), bytes }, name };
}

/** Who may not read the object, or not know that it is not there, may still list. */
async function headIfAllowed(s3: S3Objects, bucket: string, key: string, signal: AbortSignal) {
  try {
    return await s3.headObject(bucket, key, signal);
  } catch (error) {
    if (error instanceof MlopsError && error.code === 'ACCESS_DENIED') return undefined;
    throw error;
  }
}
