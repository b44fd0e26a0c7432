import { UsageError } from '../../base/errors/mlops-error.js';

/** `s3://bucket/key or prefix`, nothing in it decoded. Throws UsageError `S3_URL_INVALID`. */
export function parseS3Url(url: string): { readonly bucket: string; readonly key: string } {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(url);
  if (match === null) {
    throw new UsageError(`'${url}' is not an address in S3`, {
      code: 'S3_URL_INVALID',
      why: 'Expected s3://BUCKET/PREFIX: a bucket name has 3 to 63 lower-case letters, digits, dots and dashes.',
    });
  }
  return { bucket: match[1] ?? '', key: match[2] ?? '' };
}
