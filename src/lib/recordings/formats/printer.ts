import { UsageError } from '../../base/errors/mlops-error.js';
import type { TranscriptRecord } from '../../transcript/record.js';
import { type PrintFormat, renderFile } from './format.js';

/** Writes records one after the other as they come. */
export interface Printer {
  print(record: TranscriptRecord): Promise<void>;
  /** Call it once, also when the work was interrupted: what was printed is then complete. */
  end(): Promise<void>;
}

export interface PrinterOptions {
  /** Recordings to come. */
  readonly count: number;
  /** Text as it is, without a line end added. */
  readonly write: (text: string) => Promise<void>;
  /** All rows at the end: a table's columns are as wide as what is in them. */
  readonly table: (records: readonly TranscriptRecord[]) => Promise<string>;
}

/**
 * Records on stdout. JSON is one array, CSV has one header, text of several recordings is under the names of its sources.
 * Throws UsageError `OUTPUT_REQUIRED` for subtitles of several recordings, which are no file that a player reads.
 */
export function createPrinter(format: PrintFormat, { count, write, table }: PrinterOptions): Printer {
  switch (format) {
    case 'table':
      return tablePrinter(write, table);
    case 'json':
      return arrayPrinter(write);
    case 'csv':
      return csvPrinter(write);
    case 'txt':
      return textPrinter(write, count > 1);
    default:
      if (count > 1 && format !== 'jsonl') {
        throw new UsageError(`${count} recordings are no single ${format} file`, {
          code: 'OUTPUT_REQUIRED',
          actions: [`Name a folder for one file each: --format ${format} --output transcripts/`],
        });
      }
      return { print: async (record) => write(await renderFile(record, format)), end: async () => {} };
  }
}

function tablePrinter(write: PrinterOptions['write'], table: PrinterOptions['table']): Printer {
  const records: TranscriptRecord[] = [];
  return {
    print: async (record) => void records.push(record),
    end: async () => {
      if (records.length > 0) await write(await table(records));
    },
  };
}

function arrayPrinter(write: PrinterOptions['write']): Printer {
  let before = '[\n';
  return {
    async print(record) {
      const start = before;
      before = ',\n';
      await write(start + JSON.stringify(record, null, 2));
    },
    end: () => write(before === '[\n' ? '[]\n' : '\n]\n'),
  };
}

function csvPrinter(write: PrinterOptions['write']): Printer {
  let isFirst = true;
  return {
    async print(record) {
      const { csvHeader, csvRow } = await import('./csv.js');
      const header = isFirst ? csvHeader() : '';
      isFirst = false;
      await write(header + csvRow(record));
    },
    async end() {
      if (isFirst) await write((await import('./csv.js')).csvHeader());
    },
  };
}

function textPrinter(write: PrinterOptions['write'], hasNames: boolean): Printer {
  let gap = '';
  return {
    async print(record) {
      const name = hasNames ? `${gap}==> ${record.source} <==\n` : '';
      gap = '\n';
      await write(`${name}${record.text}\n`);
    },
    end: async () => {},
  };
}
