import { UsageError } from '../../base/errors/mlops-error.js';
import { subtitles } from '../../speech/subtitles.js';
import type { TranscriptRecord } from '../../transcript/record.js';
import type { CsvReader } from './csv.js';

/** What a file of results may be. */
export const fileFormats = ['json', 'jsonl', 'csv', 'srt', 'vtt', 'txt'] as const;
export type FileFormat = (typeof fileFormats)[number];

/** What stdout may get. */
export const printFormats = ['table', ...fileFormats] as const;
export type PrintFormat = (typeof printFormats)[number];

/** Throws UsageError `FORMAT_NOT_A_FILE` for a table. */
export function fileFormat(format: PrintFormat): FileFormat {
  if (format !== 'table') return format;
  throw new UsageError('A table is for the terminal', {
    code: 'FORMAT_NOT_A_FILE',
    why: `Files of --output may be ${fileFormats.join(', ')}.`,
    actions: ['Add --format jsonl, or leave --output out'],
  });
}

export const contentTypes: Readonly<Record<FileFormat, string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

/** One record as the content of a file of its own. */
export async function renderFile(record: TranscriptRecord, format: FileFormat, csvReader?: CsvReader): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(record, null, 2)}\n`;
    case 'jsonl':
      return `${JSON.stringify(record)}\n`;
    case 'csv': {
      const { csvHeader, csvRow } = await import('./csv.js');
      return csvHeader() + csvRow(record, csvReader);
    }
    case 'txt':
      return `${record.text}\n`;
    default:
      return subtitles(record.segments.map(toSegment), format);
  }
}

function toSegment({ start_s, end_s, text, speaker }: TranscriptRecord['segments'][number]) {
  return { startS: start_s, endS: end_s, text, ...(speaker === undefined ? {} : { speaker }) };
}
