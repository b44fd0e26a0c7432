import { type ErrorDetails, OperationError, PrerequisiteError, UsageError } from '../base/errors/mlops-error.js';
import { addUp } from './counts.js';
import { listDigest, objectName, type SourceList } from './sources/list.js';
import type { LoadCounts } from './types.js';

const unchanged = 'Nothing was loaded.';

/** What is wrong with one of the sources: without it the others can be loaded. */
export class SourceError extends OperationError {
  /** As `objectName` calls it; other words where the engine does not say which it was. */
  readonly source: string;
  /** What is wrong with it, without its name and without what became of the load. */
  readonly reason: string;

  constructor(message: string, details: ErrorDetails & { readonly source: string; readonly reason: string }) {
    super(message, details);
    this.source = details.source;
    this.reason = details.reason;
  }
}

/** `BAD_RECORD`: a line or row that is none of ours stops the load, because a load that leaves something out is none. */
export function badRecord(
  place: { file: string; line?: number | undefined; row?: number | undefined },
  why: string,
  cause?: unknown,
): SourceError {
  const { file, line, row } = place;
  const at = line === undefined ? (row === undefined ? undefined : `row ${row}`) : `line ${line}`;
  const sentence = /[.!?…]$/.test(why) ? why : `${why}.`;
  return new SourceError(`${at === undefined ? file : `${file}, ${at}`} is not a transcript record`, {
    code: 'BAD_RECORD',
    source: file,
    reason: at === undefined ? sentence : `${at.charAt(0).toUpperCase()}${at.slice(1)}: ${sentence}`,
    why: `${sentence} ${unchanged}`,
    actions: ['Correct or take away the file, and run the command again'],
    cause,
  });
}

/** `SOURCE_CHANGED`: what is there now is not what the list says. */
export function sourceChanged(name: string, why: string): SourceError {
  return new SourceError(`${name} changed while it was loaded`, {
    code: 'SOURCE_CHANGED',
    source: name,
    reason: why,
    why: `${why} ${unchanged}`,
    actions: ['Run the command again when nothing writes there any more'],
  });
}

/** Every engine asks this first. Throws OperationError `LIST_TAMPERED`. */
export function assertUntampered(list: SourceList): void {
  const bytes = list.objects.reduce((sum, object) => sum + object.bytes, 0);
  const names = new Set(list.objects.map(objectName));
  if (
    list.digest === listDigest(list.format, list.objects) &&
    bytes === list.bytes &&
    names.size === list.objects.length
  ) {
    return;
  }
  throw new OperationError('The list of sources is not the one that was made', {
    code: 'LIST_TAMPERED',
    why: `Its digest, its size or its names do not fit what it lists. ${unchanged}`,
    actions: ['Run the command again: it makes a new list'],
  });
}

/** Throws OperationError `COUNTS_DO_NOT_ADD_UP` unless both equations hold. */
export function assertAddUp(counts: LoadCounts): void {
  if (addUp(counts)) return;
  throw countsDoNotAddUp(counts);
}

export function countsDoNotAddUp(counts: LoadCounts, cause?: unknown): OperationError {
  const { rowsInFiles, staged, duplicates, stale, inserted, updated } = counts;
  return new OperationError('The counts of the load do not add up', {
    code: 'COUNTS_DO_NOT_ADD_UP',
    why: `${rowsInFiles} rows in files, ${staged} staged; ${duplicates} duplicates, ${stale} stale, ${inserted} inserted, ${updated} updated. The transaction was rolled back: the table is as it was.`,
    actions: ['Run the command again; if it happens again, something else writes to the table'],
    cause,
  });
}

/** `TABLE_MISMATCH`: the table is there, and cannot hold records. */
export function tableMismatch(table: string, problems: readonly string[]): UsageError {
  return new UsageError(`The table ${table} cannot hold transcripts`, {
    code: 'TABLE_MISMATCH',
    why: problems.join('\n'),
    actions: ['Choose another table: --table NAME', 'See what it should be: mlops warehouse init --dry-run'],
  });
}

/** `TARGET_NOT_UNIQUE`: no engine enforces a key, so a table may hold an id twice; which of the rows is right, we cannot know. */
export function targetNotUnique(table: string, ids: readonly string[], count: number): OperationError {
  const more = count > ids.length ? ` and ${count - ids.length} more` : '';
  return new OperationError(`${table} holds ${count === 1 ? 'an id' : `${count} ids`} of this load more than once`, {
    code: 'TARGET_NOT_UNIQUE',
    why: `${ids.join(', ')}${more}. Which of the rows is right cannot be known from here. ${unchanged}`,
    actions: ['Keep one row of each id, and run the command again'],
  });
}

/** `WAREHOUSE_LOCKED`: another process has it. */
export function warehouseLocked(path: string, why: string, cause?: unknown): PrerequisiteError {
  return new PrerequisiteError(`${path} is in use by another process`, {
    code: 'WAREHOUSE_LOCKED',
    why,
    actions: ['Wait until the other one is done, or end it, and run the command again'],
    cause,
  });
}

/**
 * `QUERY_WRITES`: a query reads.
 * @param forms what an engine takes besides SELECT; both take those of the default
 */
export function queryWrites(why: string, forms = 'WITH, SHOW, EXPLAIN'): UsageError {
  return new UsageError('A query only reads', {
    code: 'QUERY_WRITES',
    why,
    actions: [`Ask with one SELECT (or ${forms})`, 'To load data: mlops warehouse copy'],
  });
}

/** `QUERY_FAILED`: what the engine says, in one line or several. */
export function queryFailed(why: string, cause?: unknown, actions: readonly string[] = []): OperationError {
  return new OperationError('The query failed', { code: 'QUERY_FAILED', why, cause, actions });
}
