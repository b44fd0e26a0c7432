import { expect, test } from 'vitest';
import { renderTable } from '../../../src/lib/cli/table.js';
import { fileFormat, printFormats, renderFile } from '../../../src/lib/recordings/formats/format.js';
import { createPrinter } from '../../../src/lib/recordings/formats/printer.js';
import { rowColumns, tableRows } from '../../../src/lib/recordings/formats/rows.js';
import type { TranscriptRecord } from '../../../src/lib/transcript/record.js';
import { errorOf } from '../../support/errors.js';

function record(text: string, source = 'rec/a.wav'): TranscriptRecord {
  return {
    id: '0'.repeat(32),
    text,
    timestamp: '2026-01-02T03:04:05.678Z',
    source,
    uploaded_at: '2026-01-02T03:04:05.678Z',
    duration_s: 65.5,
    sample_rate_hz: 8000,
    channels: 1,
    language: 'en',
    model: 'm',
    model_digest: 'd',
    segments: [{ start_s: 1, end_s: 2.5, text }],
  };
}

async function printed(format: (typeof printFormats)[number], ...records: TranscriptRecord[]): Promise<string> {
  let text = '';
  const printer = createPrinter(format, {
    count: records.length,
    write: async (more) => {
      text += more;
    },
    table: async (rows) => `${rows.length} rows`,
  });
  for (const one of records) await printer.print(one);
  await printer.end();
  return text;
}

test('csv: quotes, line ends and formulas as a spreadsheet takes them, one header', async () => {
  const text = await printed('csv', record('say "hi",\nthen go'), record('=HYPERLINK("http://x")', '+a.wav'));
  const [header, ...rest] = text.split('\r\n');
  expect(header).toBe(
    'id,text,timestamp,source,uploaded_at,duration_s,sample_rate_hz,channels,language,model,model_digest,warnings',
  );
  expect(rest).toHaveLength(3);
  expect(rest[0]).toContain(',"say ""hi"",\nthen go",');
  expect(rest[1]).toContain(`,"'=HYPERLINK(""http://x"")",`);
  expect(rest[1]).toContain(",'+a.wav,");
  expect(await renderFile(record('x'), 'csv')).toBe(await printed('csv', record('x')));
  expect(await printed('csv')).toBe(`${header}\r\n`);
});

test('json is one array on stdout and one object in a file; jsonl an object a line', async () => {
  expect(JSON.parse(await printed('json'))).toEqual([]);
  expect(JSON.parse(await printed('json', record('a'), record('b')))).toEqual([record('a'), record('b')]);
  expect(JSON.parse(await renderFile(record('a'), 'json'))).toEqual(record('a'));
  const lines = (await printed('jsonl', record('a\nb'), record('c'))).split('\n');
  expect(lines.map((line) => line && JSON.parse(line))).toEqual([record('a\nb'), record('c'), '']);
});

test('text of several recordings stands under their names; subtitles of several are refused', async () => {
  expect(await printed('txt', record('a'))).toBe('a\n');
  expect(await printed('txt', record('a', 'x'), record('b', 'y'))).toBe('==> x <==\na\n\n==> y <==\nb\n');
  expect(await printed('srt', record('Hi'))).toBe('1\n00:00:01,000 --> 00:00:02,500\nHi\n');
  const refused = await errorOf(() => printed('vtt', record('a'), record('b')));
  expect(refused).toMatchObject({ code: 'OUTPUT_REQUIRED', exitCode: 2 });
});

test('a file may be anything but a table', async () => {
  for (const format of printFormats.filter((one) => one !== 'table')) expect(fileFormat(format)).toBe(format);
  expect(await errorOf(() => fileFormat('table'))).toMatchObject({ code: 'FORMAT_NOT_A_FILE', exitCode: 2 });
});

test('a table fits the terminal, shows no control characters, and cuts long texts of several recordings visibly', () => {
  const long = record('word '.repeat(200).trim(), 'b.wav');
  const show = (...records: TranscriptRecord[]) => renderTable(rowColumns, tableRows(records), 60).split('\n');
  const rows = show(record('\u001b[31mred', '日本.wav'), record(''), long);
  expect(rows[0]).toBe('RECORDING  LENGTH   TEXT');
  expect(rows[1]).toBe('日本.wav   1 m 6 s  ?[31mred');
  expect(rows[2]).toBe('rec/a.wav  1 m 6 s  (no speech)');
  expect(rows.at(-1)).toContain('…');
  expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(60);
  expect(
    show(long)
      .join(' ')
      .split(/\s+/)
      .filter((word) => word === 'word'),
  ).toHaveLength(200);
});
