import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openAll } from '../../../../src/lib/warehouse/redshift/prepare/bytes.js';
import { errorOf } from '../../../support/errors.js';
import { testWarehouse } from '../../../support/warehouse/open.js';

it.each([
  ['another content of the same size', 'zwei\n', 'content'],
  ['more', 'eins\nzwei\n', 'the list says 5'],
])('a file that holds %s since it was listed is not what is loaded', async (_, text, why) => {
  const { dir, put, list } = await testWarehouse();
  await put({ 'a.jsonl': 'eins\n' });
  const { objects } = await list();
  const read = async () => {
    for await (const { bytes } of openAll(objects, { s3: () => Promise.reject(new Error('no S3')) }, undefined)) {
      for await (const _chunk of bytes);
    }
  };
  await read();
  await writeFile(join(dir, 'in', 'a.jsonl'), text);
  expect(await errorOf(read)).toMatchObject({ code: 'SOURCE_CHANGED', why: expect.stringContaining(why) });
});
