import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { parseS3Url, s3Url } from '../../platform/aws/s3-url.js';
import { contentTypes } from '../formats/format.js';
import { createBucketErrorLog } from './bucket-error-log.js';
import { type Found, type ResultStore, type Stamp, unusableName } from './store.js';

const mostKeyBytes = 1024;

/** Names of the user metadata that holds a result's stamp: result and stamp are one PutObject. */
const names = {
  id: 'mlops-id',
  modelDigest: 'mlops-model',
  channels: 'mlops-channels',
  source: 'mlops-source',
} as const;

/**
 * Results in a bucket, below a prefix that is a folder.
 * Permissions: s3:GetObject, s3:PutObject below it, and s3:ListBucket, without which S3 does not say that a key is free.
 */
export function openBucketStore(url: string, s3: S3Objects, now: () => number): ResultStore {
  const { bucket, key } = parseS3Url(url);
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  const errors = createBucketErrorLog(s3, bucket, `${prefix}errors.jsonl`, now);
  return {
    async find(path): Promise<Found> {
      const bytes = Buffer.byteLength(prefix + path);
      if (bytes > mostKeyBytes) throw unusableName(url, `Its key has ${bytes} bytes, S3 takes ${mostKeyBytes}.`);
      const head = await s3.headObject(bucket, prefix + path);
      if (head === undefined) return { kind: 'absent' };
      const stamp = readStamp(head.metadata);
      return stamp === undefined ? { kind: 'foreign' } : { kind: 'result', stamp, version: head.etag };
    },
    put: ({ path, body, format, stamp, over }) =>
      s3.putObject(bucket, prefix + path, body, {
        contentType: contentTypes[format],
        metadata: Object.fromEntries(Object.entries(names).map(([key, name]) => [name, stamp[key as keyof Stamp]])),
        ...(over === 'anything'
          ? {}
          : { onlyOver: over.kind === 'result' ? { etag: over.version ?? '' } : ('absent' as const) }),
      }),
    logFailure: (failure) => errors.add(failure),
    locate: (path) => s3Url({ bucket, key: prefix + path }),
    close: () => errors.flush(),
  };
}

function readStamp(metadata: Readonly<Record<string, string>>): Stamp | undefined {
  const { [names.id]: id, [names.modelDigest]: modelDigest, [names.source]: source } = metadata;
  const channels = metadata[names.channels];
  if (id === undefined || modelDigest === undefined || source === undefined) return undefined;
  return { id, modelDigest, source, channels: channels === 'split' ? 'split' : 'mix' };
}
