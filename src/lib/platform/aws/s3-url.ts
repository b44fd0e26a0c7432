import { UsageError } from '../../base/errors/mlops-error.js';

export interface S3Location {
  readonly bucket: string;
  /** Key or prefix, as it is: nothing in it is decoded. Empty for the whole bucket. */
  readonly key: string;
}

export function isS3Url(text: string): boolean {
  return text.startsWith('s3://');
}

/** `s3://bucket/key with any character` -> its parts. Throws UsageError `S3_URL_INVALID`. */
export function parseS3Url(url: string): S3Location {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(url);
  if (match === null) {
    throw new UsageError(`'${url}' is not an address in S3`, {
      code: 'S3_URL_INVALID',
      why: 'Expected s3://BUCKET/KEY or s3://BUCKET/PREFIX: a bucket name of 3 to 63 lower-case letters, digits, dots and dashes, then a key or prefix.',
    });
  }
  return { bucket: match[1] ?? '', key: match[2] ?? '' };
}

export function s3Url({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}
