import { createHash } from 'node:crypto';

export const sourceFormats = ['jsonl', 'csv', 'parquet'] as const;
export type SourceFormat = (typeof sourceFormats)[number];

/** A file or an object of S3 with what it holds, as it was when the list was made. */
export type SourceObject = LocalObject | S3Object;

interface Common {
  readonly bytes: number;
  readonly isGzip: boolean;
}

export interface LocalObject extends Common {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of the content, 64 hex digits. */
  readonly digest: string;
  /** What changes with the file: device, inode, size, times of modification and change. Compared before and after it is read. */
  readonly stamp: string;
  /** Rows, counted while the digest was made. Undefined for Parquet, which says it in its footer. */
  readonly rows: number | undefined;
}

export interface S3Object extends Common {
  readonly kind: 'object';
  readonly bucket: string;
  readonly key: string;
  /** As S3 writes it, with its quotes. */
  readonly etag: string;
}

/**
 * What a load is about, fixed before it begins: a file that arrives later is of the next load. All files of a load have one
 * format. The digest is the load's id.
 */
export interface SourceList {
  readonly format: SourceFormat;
  /** Each once, in the order of `objectName`. */
  readonly objects: readonly SourceObject[];
  readonly bytes: number;
  /** See `listDigest`. */
  readonly digest: string;
}

/** As people call it: a path, or `s3://bucket/key`. */
export function objectName(object: SourceObject): string {
  return object.kind === 'file' ? object.path : `s3://${object.bucket}/${object.key}`;
}

/** What tells the content of an object from any other: for a file the content itself, wherever it lies. */
function contentIdentity(object: SourceObject): string {
  return object.kind === 'file'
    ? `sha256:${object.digest}`
    : `s3://${object.bucket}/${object.key}\0${object.etag.replaceAll('"', '')}`;
}

/**
 * SHA-256 over the format and the contents, 64 hex digits: the same in any order and, for local files, under any path. A
 * file that is there twice counts twice.
 */
export function listDigest(format: SourceFormat, objects: readonly SourceObject[]): string {
  const hash = createHash('sha256').update(`mlops-load-1\0${format}`);
  for (const identity of objects.map((object) => `${contentIdentity(object)}\0${object.bytes}`).sort()) {
    hash.update(`\n${identity}`);
  }
  return hash.digest('hex');
}

export function makeList(format: SourceFormat, objects: readonly SourceObject[]): SourceList {
  const sorted = [...objects].sort((a, b) => (objectName(a) < objectName(b) ? -1 : 1));
  const bytes = sorted.reduce((sum, object) => sum + object.bytes, 0);
  return { format, objects: sorted, bytes, digest: listDigest(format, sorted) };
}
