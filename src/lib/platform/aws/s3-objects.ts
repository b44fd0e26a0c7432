import type { Readable } from 'node:stream';
import { type AwsSettings, createCaller, partition } from './client.js';
import { awsErrorCode, hasAwsCode, isNotFound } from './errors.js';

/** What a listing says of an object. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
  /** As S3 writes it, with its quotes. */
  readonly etag: string;
}

export interface ObjectHead extends ListedObject {
  /** Undefined in a bucket without versions, also where they are suspended: `null` names whatever is there. */
  readonly version: string | undefined;
  /** User metadata, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PutOptions {
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Store only if nothing has this key (`absent`), or only over the object with this ETag. */
  readonly onlyOver?: 'absent' | { readonly etag: string };
  readonly signal?: AbortSignal | undefined;
}

/** Objects of S3. What a whole bucket is about is in s3.ts. */
export interface S3Objects {
  /** Keys that begin with `prefix`, in the order of S3, a page at a time. Permission: s3:ListBucket. */
  listObjects(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<ListedObject>;
  /** Undefined when there is none. Without s3:ListBucket AWS answers 403 instead, which is `ACCESS_DENIED`. */
  headObject(bucket: string, key: string, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /**
   * The bytes from `start` on, of the very object that the ETag names: undefined when another one, or none, is there now.
   * The stream is the caller's to read or destroy; it fails when nothing comes for as long as the door waits.
   */
  openObject(
    bucket: string,
    key: string,
    options: { readonly etag: string; readonly start?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Readable | undefined>;
  /** A small object as text. Undefined when there is none. */
  readText(bucket: string, key: string): Promise<{ readonly text: string; readonly etag: string } | undefined>;
  /** One PutObject: the object is there whole or not at all. False when `onlyOver` does not hold. */
  putObject(bucket: string, key: string, body: string, options: PutOptions): Promise<boolean>;
}

/** How long a connection may be silent, with or without a part of the answer. */
const defaultSilenceMs = 30_000;

export function createS3Objects(settings: AwsSettings, timeouts: { readonly silenceMs?: number } = {}): S3Objects {
  const silenceMs = timeouts.silenceMs ?? defaultSilenceMs;
  const call = createCaller('s3', async () => {
    const sdk = await import('@aws-sdk/client-s3');
    const requestHandler = { connectionTimeout: Math.min(5_000, silenceMs), socketTimeout: silenceMs };
    return { sdk, client: new sdk.S3Client({ ...settings, followRegionRedirects: true, requestHandler }) };
  });
  const bucketArn = (bucket: string) => `arn:${partition(settings.region)}:s3:::${bucket}`;
  const arn = (bucket: string, key: string) => `${bucketArn(bucket)}/${key}`;

  return {
    async *listObjects(bucket, prefix, signal) {
      let token: string | undefined;
      do {
        const ContinuationToken = token;
        const page = await call('ListBucket', bucketArn(bucket), ({ sdk, client }) =>
          client.send(
            new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }),
            within(signal),
          ),
        );
        for (const { Key = '', Size = 0, LastModified = new Date(0), ETag = '' } of page.Contents ?? []) {
          yield { key: Key, bytes: Size, modifiedAt: LastModified, etag: ETag };
        }
        token = page.NextContinuationToken || undefined;
      } while (token !== undefined);
    },

    headObject: (bucket, key, signal) =>
      call('GetObject', arn(bucket, key), async ({ sdk, client }) => {
        try {
          const head = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }), within(signal));
          return {
            key,
            bytes: head.ContentLength ?? 0,
            modifiedAt: head.LastModified ?? new Date(0),
            etag: head.ETag ?? '',
            version: head.VersionId === 'null' ? undefined : head.VersionId,
            metadata: head.Metadata ?? {},
          };
        } catch (error) {
          if (isNotFound(error) && !hasAwsCode(error, 'NoSuchBucket')) return undefined;
          throw error;
        }
      }),

    openObject: (bucket, key, { etag, start = 0, signal }) =>
      call('GetObject', arn(bucket, key), async ({ sdk, client }) => {
        const Range = start === 0 ? undefined : `bytes=${start}-`;
        try {
          const { Body } = await client.send(
            new sdk.GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range }),
            within(signal),
          );
          return Body as Readable;
        } catch (error) {
          if (isPreconditionFailed(error) || hasAwsCode(error, 'NoSuchKey')) return undefined;
          throw error;
        }
      }),

    readText: (bucket, key) =>
      call('GetObject', arn(bucket, key), async ({ sdk, client }) => {
        try {
          const { Body, ETag = '' } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
          return { text: (await Body?.transformToString('utf-8')) ?? '', etag: ETag };
        } catch (error) {
          if (hasAwsCode(error, 'NoSuchKey')) return undefined;
          throw error;
        }
      }),

    putObject: (bucket, key, body, { contentType, metadata, onlyOver, signal }) =>
      call('PutObject', arn(bucket, key), async ({ sdk, client }) => {
        const condition =
          onlyOver === undefined ? {} : onlyOver === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: onlyOver.etag };
        try {
          await client.send(
            new sdk.PutObjectCommand({
              Bucket: bucket,
              Key: key,
              Body: body,
              // Of an empty body the SDK knows none, and warns on stderr at each attempt.
              ContentLength: Buffer.byteLength(body),
              ContentType: contentType,
              ...(metadata === undefined ? {} : { Metadata: { ...metadata } }),
              ...condition,
            }),
            within(signal),
          );
          return true;
        } catch (error) {
          // Another writer at the same moment is a conflict (409), one that was faster a failed precondition (412).
          if (onlyOver !== undefined && (isPreconditionFailed(error) || isConflict(error))) return false;
          // The object to be replaced is gone.
          if (typeof onlyOver === 'object' && hasAwsCode(error, 'NoSuchKey')) return false;
          throw error;
        }
      }),
  };
}

function within(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function isPreconditionFailed(error: unknown): boolean {
  return hasAwsCode(error, 'PreconditionFailed') || awsErrorCode(error) === '412';
}

function isConflict(error: unknown): boolean {
  return hasAwsCode(error, 'ConditionalRequestConflict', 'OperationAborted');
}
