import { stringify } from 'csv-stringify/sync';
import type { TranscriptRecord } from '../../transcript/record.js';

const columns = [
  ...(['id', 'text', 'timestamp', 'source', 'uploaded_at', 'duration_s', 'sample_rate_hz'] as const),
  ...(['channels', 'language', 'model', 'model_digest'] as const),
];

/**
 * RFC 4180, with its line ends. CSV is for spreadsheets: a text that begins like a formula (= + - @) gets an apostrophe
 * before it, which they read as "this is text" (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const options = { record_delimiter: 'windows', escape_formulas: true } as const;

export function csvHeader(): string {
  return stringify([[...columns, 'warnings']], options);
}

/** A row without the segments; warnings in words. */
export function csvRow(record: TranscriptRecord): string {
  const warnings = (record.warnings ?? []).map(({ kind, start_s, end_s }) => `${kind} ${start_s}-${end_s} s`);
  return stringify([[...columns.map((column) => record[column]), warnings.join('; ')]], options);
}
