import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redshiftColumns } from '../../../src/lib/warehouse/redshift/columns.js';
import { stageList } from '../../../src/lib/warehouse/redshift/prepare/stage.js';
import { makeList, type SourceFormat } from '../../../src/lib/warehouse/sources/list.js';
import { bucket, etagOf, MemoryS3 } from '../../support/redshift/warehouse.js';
import { runSql, testWarehouse } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

const noon = '2026-01-31T12:00:00Z';
const good = lines([makeRecord(1)]);
/** A record whose member is this text of JSON. */
const json = (name: string, value: string) =>
  JSON.stringify({ ...makeRecord(2), [name]: '@' }).replace('"@"', () => value);
const row = (cells: string) => `id,text,timestamp,channels\na,x,${noon},1\n${cells}\n`;

/** What an engine makes of a file: the texts it would load, or why it does not. */
type Outcome = { readonly texts: readonly unknown[] } | { readonly line: string; readonly why: string };

async function outcome(work: () => Promise<readonly unknown[]>, file: string): Promise<Outcome> {
  try {
    return { texts: await work() };
  } catch (error) {
    const { code, message, why = '' } = error as { code?: string; message: string; why?: string };
    if (code !== 'BAD_RECORD') throw error;
    const [line = ''] = message.slice(file.length).split(' is not');
    return { line, why };
  }
}

async function inDuckDb(name: string, body: string | Buffer): Promise<Outcome> {
  const { dir, warehouse, put, list, rows } = await testWarehouse();
  if (typeof body === 'string') await put({ [name]: body });
  else await writeBytes(join(dir, 'in'), name, body);
  try {
    return await outcome(
      async () => {
        await warehouse.copy(await list());
        return (await rows('SELECT text FROM transcription_results ORDER BY text')).flat();
      },
      join(dir, 'in', name),
    );
  } finally {
    await warehouse.close();
  }
}

async function writeBytes(folder: string, name: string, body: Buffer): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), body);
}

async function forRedshift(name: string, body: string | Buffer, format: SourceFormat): Promise<Outcome> {
  const s3 = new MemoryS3();
  const stored = typeof body === 'string' && name.endsWith('.gz') ? gzipSync(body) : Buffer.from(body);
  s3.binary.set(`${bucket}/${name}`, stored);
  const object = { kind: 'object', bucket, key: name, etag: etagOf(stored), bytes: stored.length } as const;
  const list = makeList(format, [{ ...object, isGzip: name.endsWith('.gz') }]);
  const place = { bucket, prefix: 'loads/' };
  return await outcome(async () => {
    await stageList(list, redshiftColumns, place, { s3: async () => s3 }, {});
    const parts = [...s3.objects].filter(([key]) => key.endsWith('.jsonl')).map(([, text]) => text);
    const texts = parts.join('').split('\n').filter(Boolean);
    return texts.map((line) => (JSON.parse(line) as { text?: string }).text ?? null).sort();
  }, `s3://${bucket}/${name}`);
}

const refusedLines: Readonly<Record<string, readonly [line: string, why: string]>> = {
  'an id that is a number, which JavaScript would make another one': [json('id', '9007199254740993'), 'id is no text'],
  'an id that is a small number': [json('id', '1'), 'Its id is no text: 1.'],
  'an id that is a number with a point': [json('id', '1.0'), 'id is no text'],
  'an id that is a great number': [json('id', '123456789012345678901234567890'), 'id is no text'],
  'an id that is true': [json('id', 'true'), 'Its id is no text: true.'],
  'a text that is a number': [json('text', '1e5'), 'Its text is no text: 100000.'],
  'a source that is false': [json('source', 'false'), 'Its source is no text: false.'],
  'a member twice': [`{"id":"a","text":"x","timestamp":"${noon}","id":"b"}`, 'It has the member id twice.'],
  'a member twice, once in escapes': [
    `{"id":"a","text":"x","timestamp":"${noon}","\\u0069d":"b"}`,
    'It has the member id twice.',
  ],
  'a comma behind the last member': [`{"id":"a","text":"x","timestamp":"${noon}",}`, 'It is no JSON.'],
  'a comma and blanks': [`{"id":"a","text":"x","timestamp":"${noon}", \t}`, 'It is no JSON.'],
  'a comma at the end of a list': [json('segments', '[1,2,]'), 'It is no JSON.'],
  'a byte order mark': [`\u{feff}${json('id', '"a"')}`, 'It begins with a byte order mark'],
  'the year 0': [
    json('timestamp', '"0000-01-01T00:00:00Z"'),
    'timestamp is not within the years 1 to 9999 in UTC: 0000',
  ],
  'before the year 1 in UTC': [json('timestamp', '"0001-01-01T00:00:00+14:00"'), 'within the years 1 to 9999 in UTC'],
  'after the year 9999 in UTC': [json('uploaded_at', '"9999-12-31T23:59:59-12:00"'), 'uploaded_at is not within'],
  'an instant with a decimal comma': [json('timestamp', '"2026-01-31 12:00:00,5"'), 'is no instant such as'],
  'an instant in small letters': [json('timestamp', '"2026-01-31T12:00:00z"'), 'is no instant such as'],
  'a duration in quotes': [json('duration_s', '"12.5"'), 'duration_s is no number: 12.5'],
  'a duration that is empty': [json('duration_s', '""'), 'duration_s is no number'],
  'no JSON': ['{"id":', 'It is no JSON.'],
};

const takenLines: Readonly<Record<string, readonly [line: string, text: unknown]>> = {
  'what looks like a comma too many, in a text': [json('text', '"a,] b,}"'), 'a,] b,}'],
  'a number in a text': [json('text', '"42"'), '42'],
  'a word of JSON in a text': [json('text', '"true"'), 'true'],
  'an id of digits': [json('id', '"9007199254740993"'), 'Text of 2'],
  'members of others twice, and in lists': [json('segments', '[{"id":1},{"id":2}]').replace('}]', '}]'), 'Text of 2'],
  'the first day': [json('timestamp', '"0001-01-01T00:00:00Z"'), 'Text of 2'],
  'the last day': [json('timestamp', '"9999-12-31T23:59:59.999999Z"'), 'Text of 2'],
};

describe('a line of JSON lines is a record in both engines, or in none', () => {
  it.each(Object.entries(refusedLines))('%s', async (_what, [line, why]) => {
    const body = `${good}\n${line}\n${good}`;
    const expected = { line: ', line 3', why: expect.stringContaining(why) };
    const found = await inDuckDb('a.jsonl', body);
    expect(found).toEqual(expected);
    expect(await forRedshift('a.jsonl', body, 'jsonl')).toEqual(found);
  });

  it.each(Object.entries(takenLines))('taken: %s', async (_what, [line, text]) => {
    const expected = { texts: ['Text of 1', text].sort() };
    expect(await inDuckDb('a.jsonl.gz', `${good}${line}\n`)).toEqual(expected);
    expect(await forRedshift('a.jsonl.gz', `${good}${line}\n`, 'jsonl')).toEqual(expected);
  });
});

const refusedRows: Readonly<Record<string, readonly [cells: string, why: string]>> = {
  'quotes within values of two lines': [`b,5" tape,${noon},1\nc,6" tape,${noon},1`, 'A quote stands in a value'],
  'two quotes within a value': [`b,5" or 6" tape,${noon},1`, 'A quote stands in a value'],
  'a blank before the quotes': [`b, "x",${noon},1`, 'A quote stands in a value'],
  'a value that goes on behind its quotes': [`b,"5" tape,${noon},1`, 'A value goes on after its quotes'],
  'a blank behind the quotes': [`b,"x" ,${noon},1`, 'A value goes on after its quotes'],
  'a quote that is never closed': [`b,"x,${noon},1`, 'A quote is opened and never closed.'],
  'a number of another notation': [`b,x,${noon},0x10`, 'channels is no whole number of 4 bytes: 0x10'],
  'a number with blanks': [`b,x,${noon}, 1 `, 'channels is no whole number'],
  'an instant beyond all': ['b,x,9999-12-31T23:59:59-12:00,1', 'within the years 1 to 9999'],
  'a value too few': [`b,x,${noon}`, 'It has 3 values, the header names 4 columns.'],
};

describe('a row of CSV is a record in both engines, or in none', () => {
  it.each(Object.entries(refusedRows))('%s', async (_what, [cells, why]) => {
    const found = await inDuckDb('a.csv', row(cells));
    expect(found).toEqual({ line: ', line 3', why: expect.stringContaining(why) });
    expect(await forRedshift('a.csv', row(cells), 'csv')).toEqual(found);
  });

  it('taken: quotes where they may be, a byte order mark, any line end', async () => {
    const body = `\u{feff}"id","text","timestamp"\r\n"a","5"" tape, ""x""",${noon}\r\n"b","","${noon}"\r\n`;
    const expected = { texts: ['', '5" tape, "x"'] };
    expect(await inDuckDb('a.csv', body)).toEqual(expected);
    expect(await forRedshift('a.csv', body, 'csv')).toEqual(expected);
  });

  it('a column that is there twice', async () => {
    const body = `id,text,timestamp,id\na,x,${noon},b\n`;
    const found = await inDuckDb('a.csv', body);
    expect(found).toEqual({ line: '', why: expect.stringContaining('It has the column id twice.') });
    expect(await forRedshift('a.csv', body, 'csv')).toEqual(found);
  });
});

const refusedParquet: Readonly<Record<string, readonly [sql: string, why: string]>> = {
  'a duration in words': [
    `'a' AS id, 'x' AS text, TIMESTAMP '2026-01-31' AS timestamp, '1.5' AS duration_s`,
    'no number',
  ],
  'an id of bytes': [`'a'::BLOB AS id, 'x' AS text, TIMESTAMP '2026-01-31' AS timestamp`, 'id is no text'],
  'a year of five digits': [
    `'a' AS id, 'x' AS text, TIMESTAMP '12026-01-31' AS timestamp`,
    'within the years 1 to 9999',
  ],
  'one in a zone': [`'a' AS id, 'x' AS text, TIMESTAMPTZ '10000-01-01 00:00:00+00' AS timestamp`, 'years 1 to 9999'],
  'a day of it': [`'a' AS id, 'x' AS text, DATE '10000-01-01' AS timestamp`, 'years 1 to 9999'],
};

describe('a row of Parquet is a record in both engines, or in none', () => {
  const parquet = async (sql: string) => {
    const { dir } = await testWarehouse();
    const file = join(dir, 'a.parquet');
    await runSql(':memory:', `COPY (SELECT ${sql}) TO '${file}' (FORMAT parquet)`);
    return await readFile(file);
  };

  it.each(Object.entries(refusedParquet))('%s', async (_what, [sql, why]) => {
    const body = await parquet(sql);
    const found = await inDuckDb('a.parquet', body);
    expect(found).toEqual({ line: ', row 1', why: expect.stringContaining(why) });
    expect(await forRedshift('a.parquet', body, 'parquet')).toEqual(found);
  });

  it('nine bytes that are none are the fault of the file', async () => {
    for (const found of [
      await inDuckDb('bad.parquet', Buffer.from('not so!\n\n')),
      await forRedshift('bad.parquet', Buffer.from('not so!\n\n'), 'parquet'),
    ]) {
      expect(found).toEqual({ line: '', why: expect.stringContaining('DuckDB says: ') });
      expect(JSON.stringify(found)).not.toMatch(/mlops-(?!test-)/);
    }
  });
});
