import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { fixSources } from '../../../src/lib/warehouse/sources/fix-sources.js';
import { errorOf } from '../../support/errors.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';
import { testWarehouse } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

it('a file that changes after it was read fails the load', async () => {
  const { dir, warehouse, put, list, rows } = await testWarehouse();
  await put({ 'a.jsonl': lines([makeRecord(1)]) });
  const fixed = await list();
  const onStep = async (step: string) => {
    if (step === 'merged') await appendFile(join(dir, 'in', 'a.jsonl'), ' ');
  };
  expect((await errorOf(() => warehouse.copy(fixed, { onStep }))).code).toBe('SOURCE_CHANGED');
  await warehouse.init();
  expect(await rows('SELECT count(*) FROM transcription_results')).toEqual([[0]]);
});

async function bucket(s3: FakeS3) {
  s3.put('data', 'in/a.jsonl', lines([makeRecord(1), makeRecord(2)]));
  const bench = await testWarehouse({ deps: { s3: async () => s3, reporter: silentReporter } });
  const { lists } = await fixSources(['s3://data/in/'], { cwd: bench.dir, s3: async () => s3 });
  const [list] = lists;
  if (list === undefined) throw new Error('nothing was found');
  return { ...bench, fixed: list };
}

it('of S3 the very object of the list is loaded, or nothing', async () => {
  const s3 = new FakeS3();
  const { warehouse, fixed, rows } = await bucket(s3);
  const before = s3.text('data', 'in/a.jsonl') ?? '';
  s3.put('data', 'in/a.jsonl', before.replace('Text', 'Tixt'));
  const error = await errorOf(() => warehouse.copy(fixed));
  expect([error.code, error.message]).toEqual(['SOURCE_CHANGED', 's3://data/in/a.jsonl changed while it was loaded']);
  s3.put('data', 'in/a.jsonl', before);
  await warehouse.copy(fixed);
  expect(await rows('SELECT count(*) FROM transcription_results')).toEqual([[2]]);
});

it('a download that ends early without an error is none, also where it ends after a whole line', async () => {
  class Short extends FakeS3 {
    override async openObject(...args: Parameters<FakeS3['openObject']>) {
      const whole = await super.openObject(...args);
      const text = (await whole?.toArray())?.join('') ?? '';
      const { Readable } = await import('node:stream');
      return Readable.from([text.slice(0, text.indexOf('\n') + 1)]);
    }
  }
  const { warehouse, fixed } = await bucket(new Short());
  const error = await errorOf(() => warehouse.copy(fixed));
  expect([error.code, error.why]).toEqual(['SOURCE_CHANGED', expect.stringContaining('the list says')]);
});
