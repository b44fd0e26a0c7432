import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../../support/errors.js';
import { runSql, testWarehouse } from '../../support/warehouse/open.js';

const essentials: Readonly<Record<string, string>> = {
  id: `'r' || i`,
  text: `'text of ' || i`,
  timestamp: `TIMESTAMPTZ '2026-01-31 12:00:00+02'`,
};

/** Three rows of a Parquet file; the columns are SQL in which `i` is 0, 1, 2. */
function parquetSql(file: string, given: Readonly<Record<string, string>>): string {
  const columns = Object.entries({ ...essentials, ...given }).map(([name, sql]) => `${sql} AS "${name}"`);
  return `COPY (SELECT ${columns.join(', ')} FROM range(3) r(i)) TO '${file}' (FORMAT parquet)`;
}

/** A folder of the kind that `list` reads, with these files in it. */
async function writeParquet(folder: string, files: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  await mkdir(folder, { recursive: true });
  const statements = Object.entries(files).map(([name, given]) => parquetSql(join(folder, name), given));
  await runSql(':memory:', statements.join('; '));
}

/** The third row has the value, those before it another one of the same type. */
const third = (good: string, bad: string) => `CASE WHEN i = 2 THEN ${bad} ELSE ${good} END`;

const instant = 'is no instant';
const bad: Readonly<Record<string, readonly [column: string, sql: string, why: string]>> = {
  'a DOUBLE that is no whole number': [
    'sample_rate_hz',
    third('16000::DOUBLE', '16000.5::DOUBLE'),
    'sample_rate_hz is no whole number of 4 bytes: 16000.5 (DOUBLE).',
  ],
  'a FLOAT that is none': ['channels', third('1::FLOAT', '1.5::FLOAT'), 'channels is no whole number of 4 bytes: 1.5'],
  'a DECIMAL that is none': [
    'channels',
    third('1.0', '2.5'),
    'channels is no whole number of 4 bytes: 2.5 (DECIMAL(2,1))',
  ],
  'a whole number of 8 bytes': ['sample_rate_hz', third('1::BIGINT', '3000000000'), 'bytes: 3000000000 (BIGINT)'],
  'a rate in words': ['sample_rate_hz', third('NULL', `'16000'`), 'whole number of 4 bytes: 16000 (VARCHAR)'],
  'a DOUBLE without end': ['duration_s', third('1::DOUBLE', `'inf'::DOUBLE`), 'duration_s is no number: inf (DOUBLE)'],
  'a DOUBLE that is no number': [
    'duration_s',
    third('1::DOUBLE', `'nan'::DOUBLE`),
    'duration_s is no number: nan (DOUBLE)',
  ],
  'a BIGINT that no double holds': [
    'duration_s',
    third('1::BIGINT', '9007199254740993'),
    'duration_s has more digits than a double holds: 9007199254740993',
  ],
  'a DECIMAL that no double holds': [
    'duration_s',
    third('1.5::DECIMAL(30,2)', '12345678901234567890.12'),
    'duration_s has more digits than a double holds: 12345678901234567890.12',
  ],
  'a duration that is true': ['duration_s', third('NULL', 'true'), 'duration_s is no number: true (BOOLEAN)'],
  'a duration in words': ['duration_s', third('NULL', `'12.5'`), 'duration_s is no number: 12.5 (VARCHAR)'],
  'an instant in words': ['timestamp', third(`'2026-01-31'`, `'yesterday'`), `${instant}: yesterday (VARCHAR)`],
  'a day that there is not': ['timestamp', third(`'2026-01-31'`, `'2026-02-30'`), `${instant}: 2026-02-30`],
  'nanoseconds in words': [
    'uploaded_at',
    `'2026-01-31T12:00:00.123456' || ${third(`'000Z'`, `'789Z'`)}`,
    `${instant}: 2026-01-31T12:00:00.123456789Z`,
  ],
  'a TIMESTAMP_NS that is finer': [
    'uploaded_at',
    third(`'2026-01-31 12:00:00.123456'::TIMESTAMP_NS`, `'2026-01-31 12:00:00.123456789'::TIMESTAMP_NS`),
    'uploaded_at is finer than a microsecond: 2026-01-31 12:00:00.123456789',
  ],
  'the end of time': ['timestamp', third(`TIMESTAMP '2026-01-31'`, `'infinity'::TIMESTAMP`), `${instant}: infinity`],
  'the end of days': ['timestamp', third(`DATE '2026-01-31'`, `'infinity'::DATE`), `${instant}: infinity (DATE)`],
  'an instant that is a number': ['uploaded_at', third('NULL', '1767225600'), `${instant}: 1767225600 (INTEGER)`],
  'a time of no day': ['uploaded_at', third('NULL', `TIME '12:00:00'`), `${instant}: 12:00:00`],
  'no instant': ['timestamp', third(`TIMESTAMP '2026-01-31'`, 'NULL'), 'It has no timestamp.'],
  'no id': ['id', third(`'r' || i`, 'NULL'), 'It has no id.'],
  'an empty id': ['id', third(`'r' || i`, `''`), 'It has no id.'],
  'an id with a blank at its end': ['id', third(`'r' || i`, `'s '`), 'id ends with a blank'],
  'an id of 51 bytes': ['id', third(`'r' || i`, `'é' || repeat('x', 49)`), 'id has more than 50 bytes: éxxx'],
  'an id of bytes': ['id', third(`'r'::BLOB`, `'s'::BLOB`), 'id is no text: r (BLOB)'],
  'a text that is a struct': ['text', third('NULL', `{'a': 1}`), "text is no text: {'a': 1} (STRUCT(a INTEGER))"],
  'a source that is a DOUBLE': ['source', third('NULL', '1.5::DOUBLE'), 'source is no text: 1.5 (DOUBLE)'],
  'segments in words that are no JSON': ['segments', third(`'[]'`, `'[not'`), 'segments is no JSON: [not (VARCHAR)'],
  'segments with a number that JSON has not': [
    'segments',
    third(`[{'start_s': 1::DOUBLE, 'text': 'NaN'}]`, `[{'start_s': 'nan'::DOUBLE, 'text': 'NaN'}]`),
    'segments has a number in it that JSON does not have',
  ],
  'segments of bytes': ['segments', third('NULL', `'x'::BLOB`), 'segments is no JSON: x (BLOB)'],
};

describe('Parquet', () => {
  it('stops the load at what a column cannot hold exactly, with file, row, column and value', async () => {
    const { dir, warehouse, list, rows } = await testWarehouse();
    await warehouse.init();
    const names = Object.keys(bad);
    const folder = (name: string) => join(dir, 'in', String(names.indexOf(name)));
    const files = names.map((name) => [
      `${names.indexOf(name)}.parquet`,
      { [bad[name]?.[0] ?? '']: bad[name]?.[1] ?? '' },
    ]);
    await writeParquet(join(dir, 'in'), Object.fromEntries(files));
    for (const [name, [, , why]] of Object.entries(bad)) {
      const error = await errorOf(async () => warehouse.copy(await list(`${folder(name)}.parquet`)));
      const row = name === 'an id of bytes' ? 1 : 3;
      expect([name, error.code, error.message]).toEqual([
        ...[name, 'BAD_RECORD', `${folder(name)}.parquet, row ${row} is not a transcript record`],
      ]);
      expect([name, error.why]).toEqual([name, expect.stringContaining(why)]);
    }
    expect(await rows('SELECT (SELECT count(*) FROM transcription_results) + count(*) FROM mlops_loads')).toEqual([
      [0],
    ]);
  });

  const noon = '2026-01-31T10:00:00';
  const good: Readonly<Record<string, readonly [column: string, sql: string, expected: unknown]>> = {
    'whole numbers as BIGINT': ['sample_rate_hz', '16000::BIGINT', 16_000],
    'as DOUBLE': ['sample_rate_hz', '16000::DOUBLE', 16_000],
    'as FLOAT': ['channels', '2::FLOAT', 2],
    'as DECIMAL': ['channels', '2.00', 2],
    'as UTINYINT': ['channels', '2::UTINYINT', 2],
    'seconds as FLOAT': ['duration_s', '12.5::FLOAT', 12.5],
    'as SMALLINT': ['duration_s', '12::SMALLINT', 12],
    'as BIGINT': ['duration_s', '9007199254740992', 9_007_199_254_740_992],
    'seconds as DECIMAL': ['duration_s', '10.70', 10.7],
    'an instant with a zone': ['timestamp', `TIMESTAMPTZ '2026-01-31 12:00:00+02'`, noon],
    'without one, which is UTC': ['timestamp', `TIMESTAMP '2026-01-31 10:00:00'`, noon],
    'in nanoseconds that are none': ['timestamp', `TIMESTAMP_NS '2026-01-31 10:00:00.000000000'`, noon],
    'in milliseconds': ['timestamp', `TIMESTAMP_MS '2026-01-31 10:00:00'`, noon],
    'in words with an offset': ['timestamp', `'2026-01-31T12:00:00+02:00'`, noon],
    'in words without one': ['timestamp', `'2026-01-31 10:00'`, noon],
    'a day': ['timestamp', `DATE '2026-01-31'`, '2026-01-31T00:00:00'],
    'an id as UUID': ['id', `'6ccd780c-baba-1026-9564-5b8c656024db'::UUID`, '6ccd780c-baba-1026-9564-5b8c656024db'],
    'an id as BIGINT': ['id', '7::BIGINT', '7'],
    'segments as a list': ['segments', `[{'start_s': 0.5::DOUBLE, 'text': 'NaN'}]`, [{ start_s: 0.5, text: 'NaN' }]],
    'as JSON in words': ['segments', `'[{"start_s": 0.5}]'`, [{ start_s: 0.5 }]],
    'as a MAP': ['segments', `MAP {'a': 1}`, { a: 1 }],
    'as nothing in words': ['segments', `''`, null],
    'nulls of another type': ['duration_s', 'NULL::BOOLEAN', null],
  };

  it('is loaded where the column holds the value exactly, whatever the types of the other files', async () => {
    const { dir, warehouse, list, rows } = await testWarehouse();
    const files = Object.values(good).map(([column, sql], at) => [`${at}.parquet`, { id: `'${at}'`, [column]: sql }]);
    await writeParquet(join(dir, 'in'), Object.fromEntries(files));
    const { counts } = await warehouse.copy(await list());
    expect(counts.rowsInFiles).toBe(3 * Object.keys(good).length);
    for (const [at, [name, [column, sql, expected]]] of Object.entries(good).entries()) {
      const id = column === 'id' ? String(expected) : String(at);
      const found = await rows(`SELECT "${column}" FROM transcription_results WHERE id = '${id}'`);
      expect([name, sql, found[0]?.[0]]).toEqual([name, sql, expected]);
    }
  });

  it('that is none, or is broken in the middle, is named', async () => {
    const { dir, warehouse, put, list } = await testWarehouse();
    await put({ 'b.parquet': 'PAR1 but no more' });
    await writeParquet(join(dir, 'in'), { 'a.parquet': {} });
    const error = await errorOf(async () => warehouse.copy(await list()));
    expect([error.code, error.message]).toEqual([
      'BAD_RECORD',
      `${join(dir, 'in', 'b.parquet')} is not a transcript record`,
    ]);
    expect(error.why).toContain('No magic bytes');
  });
});
