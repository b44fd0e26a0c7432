import { expect, it } from 'vitest';
import { writeManifest } from '../../../../src/lib/warehouse/redshift/prepare/manifest.js';
import { FakeS3 } from '../../../support/recordings/fake-s3.js';
import { copiedObjects } from '../../../support/redshift/copy.js';

it('COPY reads all that a manifest names, or fails and says what is missing', async () => {
  const s3 = new FakeS3();
  const entries = ['a', 'b'].map((name) => ({ url: `s3://data/loads/${name}.jsonl` }));
  const { url } = await writeManifest(entries, { bucket: 'data', folder: 'loads/' }, s3, undefined);
  for (const name of ['a', 'b']) s3.put('data', `loads/${name}.jsonl`, name);
  const copied = async () => {
    const texts: string[] = [];
    for await (const { text } of copiedObjects(url, async (bucket, key) => s3.text(bucket, key))) texts.push(text);
    return texts;
  };
  expect(await copied()).toEqual(['a', 'b']);
  s3.objects.delete('data/loads/b.jsonl');
  await expect(copied()).rejects.toThrow('The specified S3 object does not exist: s3://data/loads/b.jsonl');
});
