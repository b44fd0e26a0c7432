import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { csvCounter } from '../../../src/lib/warehouse/sources/csv-counter.js';
import { errorOf } from '../../support/errors.js';
import { testWarehouse } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

/** What some readers take for a line end, and what looks like bytes that are no UTF-8. */
const odd = ['\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}', '\u{1c}', '\u{feff}', '\u{fffd}', '\u{0}'];
const oddLines = lines(odd.map((char, at) => makeRecord(at, { text: `a${char}b` })));

describe('the line that is named', () => {
  it('is counted by line feeds, whatever else is in the texts', async () => {
    const { dir, warehouse, put, list } = await testWarehouse();
    // Between the members of an object a carriage return is a blank.
    const returns = JSON.stringify(makeRecord(50)).replace('{', '{\r').replaceAll('\n', '');
    await put({ 'a.jsonl.gz': `${oddLines}${returns}\r\n\r\n \t\n${JSON.stringify({ id: 'a' })}\n${oddLines}` });
    const error = await errorOf(async () => warehouse.copy(await list()));
    const line = odd.length + 4;
    expect(error.message).toBe(`${join(dir, 'in', 'a.jsonl.gz')}, line ${line} is not a transcript record`);
    expect(error.why).toContain('It has no timestamp.');
  });

  it('is the one of more than 16 MiB; one of just as much is loaded', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    const most = 16 * 2 ** 20;
    const record = (bytes: number) => {
      const empty = JSON.stringify(makeRecord(1, { text: '' }));
      return empty.replace('"text":""', () => `"text":"${'x'.repeat(bytes - empty.length)}"`);
    };
    await put({ 'a.jsonl': record(most) });
    await warehouse.copy(await list());
    expect(await rows('SELECT length(text) > 16e6 FROM transcription_results')).toEqual([[true]]);
    for (const end of ['', '\n']) {
      await put({ 'b.jsonl': `${lines([makeRecord(2)])}\n${record(most + 1)}${end}` });
      const error = await errorOf(() => list('in/b.jsonl'));
      expect([error.code, error.message.split(', ')[1], error.why]).toEqual([
        'BAD_RECORD',
        'line 3 is not a transcript record',
        'It has 16777217 bytes; a record may have 16777216. Nothing was loaded.',
      ]);
    }
  });

  it('is the first one when it begins with a byte order mark', async () => {
    const { warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': `\u{feff}${lines([makeRecord(1)])}` });
    const error = await errorOf(async () => warehouse.copy(await list()));
    expect([error.message.split(', ')[1], error.why]).toEqual([
      'line 1 is not a transcript record',
      expect.stringContaining('byte order mark'),
    ]);
  });

  it('is the one where the row begins in CSV, by line feeds too', async () => {
    const { warehouse, put, list } = await testWarehouse();
    const rows = odd.slice(0, -1).map((char, at) => `${at},"a${char}b\r\n${char}",2026-01-31T10:00:00Z\r\n`);
    await put({ 'a.csv': `\u{feff}id,text,timestamp\r\n${rows.join('')}x,"y\n",soon\r\n` });
    const error = await errorOf(async () => warehouse.copy(await list()));
    expect([error.message.split(', ')[1], error.why]).toEqual([
      `line ${2 * rows.length + 2} is not a transcript record`,
      expect.stringContaining('Its timestamp is no instant such as 2026-01-31T12:00:00Z: soon.'),
    ]);
  });

  it('is not needed for those texts: they are loaded to the letter', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    await put({ 'a.jsonl': oddLines });
    await warehouse.copy(await list());
    const found = await rows('SELECT text FROM transcription_results');
    expect(found.flat().toSorted()).toEqual(odd.map((char) => `a${char}b`).toSorted());
  });
});

describe('a value', () => {
  const record = (name: string, json: string) =>
    JSON.stringify({ ...makeRecord(2), [name]: '@' }).replace('"@"', () => json);
  const bad: Readonly<Record<string, readonly [column: string, json: string, why: string]>> = {
    'a number without end': ['duration_s', '1e999', 'Its duration_s is no number: Infinity.'],
    'a number that is none': ['duration_s', 'NaN', 'It is no JSON.'],
    'one of more than 4 bytes': ['sample_rate_hz', '3000000000', 'is no whole number of 4 bytes: 3000000000.'],
    'a rate in quotes': ['channels', '"1"', 'channels is no whole number of 4 bytes: 1.'],
    'a day that there is not': ['timestamp', '"2026-02-30T10:00:00Z"', '2026-01-31T12:00:00Z: 2026-02-30T10:00:00Z.'],
    'an hour that there is not': ['timestamp', '"2026-01-31T24:00:00Z"', 'no instant'],
    nanoseconds: ['uploaded_at', '"2026-01-31T10:00:00.123456789Z"', 'uploaded_at is no instant'],
    'half a character far inside': ['segments', String.raw`[{"text": "\ud83d"}]`, 'half a character'],
    'a number in segments that JSON has not': ['segments', '[{"start_s": NaN}]', 'It is no JSON.'],
    'segments that are a text of such': ['segments', '"[Infinity]"', 'segments is no JSON: [Infinity].'],
    'a long one': ['timestamp', `"${'x'.repeat(100)}"`, `: ${'x'.repeat(59)}…`],
    'one that would rewrite the screen': ['timestamp', String.raw`"\u001b[2J"`, ':  [2J.'],
  };

  it('that a column cannot hold exactly stops the load', async () => {
    const { warehouse, put, list } = await testWarehouse();
    for (const [name, [column, json, why]] of Object.entries(bad)) {
      await put({ 'a.jsonl': `${lines([makeRecord(1)])}${record(column, json)}\n` });
      const error = await errorOf(async () => warehouse.copy(await list()));
      expect([name, error.code, error.message.split(', ')[1]]).toEqual([
        ...[name, 'BAD_RECORD', 'line 2 is not a transcript record'],
      ]);
      expect([name, error.why]).toEqual([name, expect.stringContaining(why)]);
    }
  });

  it('of CSV is a number as JSON writes it, or none', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    const csv = (column: string, text: string) => `id,text,timestamp,${column}\na,b,2026-01-31T12:00:00Z,${text}\n`;
    for (const text of ['1_000', '0x10', ' 5 ', 'inf', 'nan', '1e999', '1.5.', 'true']) {
      await put({ 'a.csv': csv('duration_s', text) });
      const error = await errorOf(async () => warehouse.copy(await list()));
      expect([text, error.message.split(', ')[1]]).toEqual([text, 'line 2 is not a transcript record']);
      expect(error.why).toContain('duration_s is no number: ');
    }
    await put({ 'a.csv': csv('duration_s', '-1.50e+1') });
    await warehouse.copy(await list());
    expect(await rows('SELECT duration_s FROM transcription_results')).toEqual([[-15]]);
  });

  it('of an instant may lack its seconds or its time, and have zeros at the end', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    const same = ['2026-01-31T00:00Z', '2026-01-31 02:00+02', '2026-01-31T02:30+0230', '2026-01-31', '2026-01-31Z'];
    const more = ['2026-01-31+00:00', '2026-01-31T00:00', '2026-01-31T00:00:00.000000000Z'];
    const all = [...same, ...more].map((timestamp, at) => makeRecord(at, { timestamp }));
    await put({ 'a.jsonl': lines(all) });
    expect((await warehouse.copy(await list())).counts.inserted).toBe(all.length);
    expect(await rows('SELECT DISTINCT "timestamp" FROM transcription_results')).toEqual([['2026-01-31T00:00:00']]);
  });

  it('of segments that is JSON in a text is that JSON', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    await put({
      'a.jsonl': lines([makeRecord(1, { segments: '[{"text": "NaN"}]' }), makeRecord(2, { segments: '' })]),
    });
    await warehouse.copy(await list());
    const found = await rows('SELECT segments FROM transcription_results ORDER BY segments NULLS LAST');
    expect(found).toEqual([[[{ text: 'NaN' }]], [null]]);
  });
});

describe('CSV that can be read in several ways', () => {
  const row = (text: string) => `a,${text},2026-01-31T12:00:00Z\n`;
  const irregular: Readonly<Record<string, readonly [rows: string, line: number, why: string]>> = {
    'a quote in the middle': [row('5" disk'), 3, 'A quote stands in a value that is not in quotes.'],
    'blanks around quotes': [row(' "b"'), 3, 'A quote stands in a value that is not in quotes.'],
    'blanks after quotes': [row('"b\n" '), 3, 'A value goes on after its quotes'],
    'text after quotes': [row('"b"c'), 3, 'A value goes on after its quotes'],
    'a quote that is not closed': [`${row('"b\n"')}${row('"c')}`, 5, 'A quote is opened and never closed.'],
    'a comma too many': ['a,b,2026-01-31T12:00:00Z,\n', 3, 'It has 4 values, the header names 3 columns.'],
    'a value too few': ['\n\na,b', 5, 'It has 2 values, the header names 3 columns.'],
    'a return in a value': [row('b\rc'), 3, 'A carriage return stands in it without quotes.'],
    'two kinds of line ends': [row('b').replace('\n', '\r\n'), 3, 'LF and CR LF are mixed.'],
    'bytes that are no UTF-8': [row('b\xff'), 3, 'It is not UTF-8.'],
  };

  it('stops the load, with its line', async () => {
    const { dir, warehouse, put, list } = await testWarehouse();
    await put({ 'b.csv': `id,text,timestamp\n${row('fine')}` });
    for (const [name, [rows, line, why]] of Object.entries(irregular)) {
      const file = join(dir, 'in', 'a.csv');
      await writeFile(file, Buffer.from(`id,text,timestamp\n${row('"fine, ""too"""')}${rows}`, 'latin1'));
      const error = await errorOf(async () => warehouse.copy(await list()));
      expect([name, error.code, error.message]).toEqual([
        ...[name, 'BAD_RECORD', `${file}, line ${line} is not a transcript record`],
      ]);
      expect([name, error.why]).toEqual([name, expect.stringContaining(why)]);
    }
  });

  it('is found wherever the chunks are cut', () => {
    for (const [rows, line] of Object.values(irregular).slice(0, -1)) {
      const counter = csvCounter();
      for (const byte of Buffer.from(`\u{feff}"id",text,timestamp\n${row('b')}${rows}`)) counter.push(Buffer.of(byte));
      expect([rows, counter.end().bad?.line]).toEqual([rows, line]);
    }
  });
});

it('of CSV is named when a column of ours is there twice', async () => {
  const { dir, warehouse, put, list, rows } = await testWarehouse();
  await put({ 'a.csv': 'id,text,timestamp,text\na,b,2026-01-31T12:00:00Z,c\n' });
  const error = await errorOf(async () => warehouse.copy(await list()));
  expect([error.code, error.message]).toEqual(['BAD_RECORD', `${join(dir, 'in', 'a.csv')} is not a transcript record`]);
  expect(error.why).toContain('It has the column text twice.');
  // Of columns that are not ours nothing is loaded, so nothing is to choose.
  await put({ 'a.csv': 'id,text,timestamp,c3,c3,"x ""y"""\na,b,2026-01-31T12:00:00Z,1,2,3\n' });
  await warehouse.copy(await list());
  expect(await rows('SELECT id, text FROM transcription_results')).toEqual([['a', 'b']]);
});
