// Fetches a small and a large object with the built library, and prints by how much the second made memory grow.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const lib = new URL('../../../dist/lib/', import.meta.url);
const { createS3Objects } = await import(new URL('platform/aws/s3-objects.js', lib));
const { download } = await import(new URL('recordings/open/download.js', lib));

const [bucket, folder] = process.argv.slice(2);
const s3 = createS3Objects({ region: 'us-east-1' });
const fetchTo = async (key) => {
  const { etag, bytes } = await s3.headObject(bucket, key);
  const source = { kind: 'object', bucket, key, label: key, bytes };
  const path = join(folder, key);
  await download({ source, etag, bytes, path, signal: new AbortController().signal }, s3, { sleep: async () => {} });
  return (await stat(path)).size;
};
await fetchTo('small');
const before = process.resourceUsage().maxRSS * 1024;
const bytes = await fetchTo('large');
process.stdout.write(JSON.stringify({ bytes, grownBytes: process.resourceUsage().maxRSS * 1024 - before }));
