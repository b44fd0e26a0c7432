import { MlopsError } from '../base/errors/mlops-error.js';
import type { S3Objects } from '../platform/aws/s3-objects.js';

/**
 * S3 says 403 of an object that is not there to whoever may not list the bucket, and whoever may list some prefixes of it
 * may not list the bucket. What is denied is looked for in a list of its own prefix, which the functions may ask for.
 */
export function seeingAbsence(s3: S3Objects): S3Objects {
  return {
    ...bound(s3),
    async headObject(bucket, key, signal) {
      try {
        return await s3.headObject(bucket, key, signal);
      } catch (error) {
        if (!(error instanceof MlopsError && error.code === 'ACCESS_DENIED')) throw error;
        // Keys come in order: the one that is looked for would be the first.
        for await (const found of s3.listObjects(bucket, key, signal)) {
          if (found.key === key) throw error;
          break;
        }
        return undefined;
      }
    },
  };
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
