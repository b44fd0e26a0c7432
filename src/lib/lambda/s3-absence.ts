import { MlopsError } from '../base/errors/mlops-error.js';
import type { S3Objects } from '../platform/aws/s3-objects.js';

/**
 * What is not there, told from what only looks so: S3 says 403 of an object that is not there to whoever may not list the bucket, and
 * whoever may list some prefixes of it may not list the bucket; and its 404 to a HEAD has no body, so it may be the bucket that is missing.
 * Both are looked for in a list of the key's own prefix, which the functions may ask for.
 */
export function seeingAbsence(s3: S3Objects): S3Objects {
  const isListed = async (bucket: string, key: string, signal: AbortSignal | undefined) => {
    // Keys come in order: the one that is looked for would be the first.
    for await (const found of s3.listObjects(bucket, key, signal)) return found.key === key;
    return false;
  };
  return {
    ...bound(s3),
    async headObject(bucket, key, signal) {
      try {
        const head = await s3.headObject(bucket, key, signal);
        if (head !== undefined) return head;
      } catch (error) {
        if (!isDenied(error) || (await isListed(bucket, key, signal))) throw error;
        return undefined;
      }
      await isListed(bucket, key, signal).catch((error: unknown) => {
        if (!isDenied(error)) throw error;
      });
      return undefined;
    },
  };
}

function isDenied(error: unknown): boolean {
  return error instanceof MlopsError && error.code === 'ACCESS_DENIED';
}

function bound(s3: S3Objects): S3Objects {
  return {
    listObjects: (...args) => s3.listObjects(...args),
    headObject: (...args) => s3.headObject(...args),
    openObject: (...args) => s3.openObject(...args),
    readText: (...args) => s3.readText(...args),
    putObject: (...args) => s3.putObject(...args),
  };
}
