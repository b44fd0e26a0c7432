import type { SourceFormat } from './list.js';

export interface NamedFormat {
  readonly format: SourceFormat;
  readonly isGzip: boolean;
}

const endings: Readonly<Record<string, SourceFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.csv': 'csv',
  '.parquet': 'parquet',
};

/** In words, for errors. */
export const knownEndings = '.jsonl, .ndjson, .json (one record a line), .csv, each also with .gz, and .parquet';

/** What a file holds, by its name; undefined when it is none that can be loaded. Parquet compresses by itself. */
export function formatOfName(name: string): NamedFormat | undefined {
  const lower = name.toLowerCase();
  const isGzip = lower.endsWith('.gz');
  const plain = isGzip ? lower.slice(0, -'.gz'.length) : lower;
  const format = endings[plain.slice(plain.lastIndexOf('.'))];
  if (format === undefined || (isGzip && format === 'parquet')) return undefined;
  return { format, isGzip };
}

/** Why a file of a folder or prefix is not looked into; undefined for one that is. */
export function reasonToSkip(name: string): string | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1);
  if (base.startsWith('.') || base.startsWith('_')) return 'hidden';
  // `transcribe` keeps its own log of failures beside its results.
  if (base === 'errors.jsonl') return 'a log of failures';
  return formatOfName(base) === undefined ? 'no format that can be loaded' : undefined;
}
