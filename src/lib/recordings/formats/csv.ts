import { stringify } from 'csv-stringify/sync';
import type { TranscriptRecord } from '../../transcript/record.js';

const columns = [
  ...(['id', 'text', 'timestamp', 'source', 'uploaded_at', 'duration_s', 'sample_rate_hz'] as const),
  ...(['channels', 'language', 'model', 'model_digest'] as const),
];

/**
 * Who reads it. A spreadsheet runs a text that begins like a formula (= + - @), so it gets an apostrophe before it, which is
 * read as "this is text" (https://owasp.org/www-community/attacks/CSV_Injection). For a program that would be another text.
 */
export type CsvReader = 'spreadsheet' | 'program';

/** RFC 4180, with its line ends. csv-stringify by itself quotes only the line end that it writes, not the others. */
const options = { record_delimiter: 'windows', quoted_match: /[\r\n]/ } as const;

export function csvHeader(): string {
  return stringify([[...columns, 'warnings']], options);
}

/** A row without the segments; warnings in words. */
export function csvRow(record: TranscriptRecord, reader: CsvReader = 'spreadsheet'): string {
  const warnings = (record.warnings ?? []).map(({ kind, start_s, end_s }) => `${kind} ${start_s}-${end_s} s`);
  const row = [...columns.map((column) => record[column]), warnings.join('; ')];
  return stringify([row], { ...options, escape_formulas: reader === 'spreadsheet' });
}
