import type { BucketLocationConstraint } from '@aws-sdk/client-s3';
import { type AwsSettings, createCaller, partition } from './client.js';
import { hasAwsCode, isNotFound } from './errors.js';

/** S3 deletes at most this many objects in one call. */
const deleteBatch = 1000;

export interface S3 {
  /** Where the bucket is; undefined when there is none of this name. Throws when it is another account's. */
  bucketRegion(bucket: string): Promise<string | undefined>;
  createBucket(bucket: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Versions on, encrypted, no public access, TLS only. */
  secureBucket(bucket: string): Promise<void>;
  isVersioned(bucket: string): Promise<boolean>;
  hasObject(bucket: string, key: string): Promise<boolean>;
  /** True when it holds no object, no old version and no delete marker. */
  isEmpty(bucket: string): Promise<boolean>;
  /** Deletes every version and delete marker; `onDeleted` hears the number so far. */
  emptyBucket(bucket: string, onDeleted: (count: number) => void): Promise<number>;
  deleteBucket(bucket: string): Promise<void>;
}

export function createS3(settings: AwsSettings): S3 {
  const call = createCaller('s3', async () => {
    const sdk = await import('@aws-sdk/client-s3');
    return { sdk, client: new sdk.S3Client({ ...settings, followRegionRedirects: true }) };
  });
  const arn = (bucket: string) => `arn:${partition(settings.region)}:s3:::${bucket}`;

  return {
    bucketRegion: (bucket) =>
      call('ListBucket', arn(bucket), async ({ sdk, client }) => {
        try {
          const { BucketRegion } = await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
          return BucketRegion ?? settings.region;
        } catch (error) {
          if (isNotFound(error)) return undefined;
          throw error;
        }
      }),

    createBucket: (bucket, tags) =>
      call('CreateBucket', arn(bucket), async ({ sdk, client }) => {
        const LocationConstraint = settings.region as BucketLocationConstraint;
        // us-east-1 is the one region that may not be named.
        const where = settings.region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
        await client.send(new sdk.CreateBucketCommand({ Bucket: bucket, ...where }));
        const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        await client.send(new sdk.PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet } }));
      }),

    secureBucket: async (bucket) => {
      await call('PutBucketPublicAccessBlock', arn(bucket), ({ sdk, client }) => {
        const all = {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        };
        return client.send(
          new sdk.PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: all }),
        );
      });
      await call('PutBucketVersioning', arn(bucket), ({ sdk, client }) =>
        client.send(
          new sdk.PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
        ),
      );
      await call('PutEncryptionConfiguration', arn(bucket), ({ sdk, client }) => {
        const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }];
        return client.send(
          new sdk.PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules } }),
        );
      });
      await call('PutBucketPolicy', arn(bucket), ({ sdk, client }) =>
        client.send(new sdk.PutBucketPolicyCommand({ Bucket: bucket, Policy: tlsOnly(arn(bucket)) })),
      );
    },

    isVersioned: (bucket) =>
      call('GetBucketVersioning', arn(bucket), async ({ sdk, client }) => {
        const { Status } = await client.send(new sdk.GetBucketVersioningCommand({ Bucket: bucket }));
        return Status === 'Enabled';
      }),

    hasObject: (bucket, key) =>
      call('GetObject', `${arn(bucket)}/${key}`, async ({ sdk, client }) => {
        try {
          await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
          return true;
        } catch (error) {
          if (isNotFound(error)) return false;
          throw error;
        }
      }),

    isEmpty: (bucket) =>
      call('ListBucketVersions', arn(bucket), async ({ sdk, client }) => {
        try {
          const page = await client.send(new sdk.ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1 }));
          return (page.Versions ?? []).length + (page.DeleteMarkers ?? []).length === 0;
        } catch (error) {
          if (isNotFound(error)) return true;
          throw error;
        }
      }),

    emptyBucket: (bucket, onDeleted) =>
      call('DeleteObjectVersion', `${arn(bucket)}/*`, async ({ sdk, client }) => {
        let count = 0;
        for (;;) {
          // The listing starts anew each time: what it named is gone by then.
          const page = await client.send(new sdk.ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: deleteBatch }));
          const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
          const Objects = found.map(({ Key, VersionId }) => ({ Key, VersionId }));
          if (Objects.length === 0) return count;
          const { Errors = [] } = await client.send(
            new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
          );
          const [refused] = Errors;
          if (refused !== undefined) {
            const error = new Error(`${refused.Key}: ${refused.Message} (and ${Errors.length - 1} more)`);
            throw Object.assign(error, { name: refused.Code ?? 'Error' });
          }
          count += Objects.length;
          onDeleted(count);
        }
      }),

    deleteBucket: (bucket) =>
      call('DeleteBucket', arn(bucket), async ({ sdk, client }) => {
        try {
          await client.send(new sdk.DeleteBucketCommand({ Bucket: bucket }));
        } catch (error) {
          if (!hasAwsCode(error, 'NoSuchBucket')) throw error;
        }
      }),
  };
}

function tlsOnly(bucketArn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [bucketArn, `${bucketArn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
