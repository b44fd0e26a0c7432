import type { SourceList } from './sources/list.js';

export const engines = ['duckdb', 'redshift'] as const;
export type Engine = (typeof engines)[number];

/**
 * Two equations hold for every load, or it changes nothing: `rowsInFiles = staged`, and
 * `staged = duplicates + stale + inserted + updated`.
 */
export interface LoadCounts {
  /** Counted in the files themselves, by somebody else than the engine's reader where that is possible. */
  readonly rowsInFiles: number;
  readonly staged: number;
  /** Lost against another row of the same load. */
  readonly duplicates: number;
  /** Lost against the row of the target. */
  readonly stale: number;
  readonly inserted: number;
  readonly updated: number;
}

/** `already-loaded`: the ledger has this very list of sources for this table; the counts are those of that load. */
export type LoadStatus = 'loaded' | 'already-loaded' | 'nothing-to-load';

export interface CopyResult {
  readonly status: LoadStatus;
  readonly engine: Engine;
  readonly table: string;
  /** Digest of the list of sources, 64 hex digits. */
  readonly loadId: string;
  readonly files: number;
  readonly bytes: number;
  readonly counts: LoadCounts;
  /** Columns of the table that were loaded, in the order of the record. */
  readonly columns: readonly string[];
  /** ISO 8601 UTC: when the load was committed, also for `already-loaded`. Null when there was nothing to load. */
  readonly loadedAt: string | null;
  /** What the engine calls the load, to look it up in its own logs: the statement id of the Data API. */
  readonly statementId: string | null;
}

/**
 * Where a load is, in this order. A step is told after it is done: what is before `committed` is gone if the process dies
 * there, what is after it is in the table.
 */
export const copySteps = [
  /** The ledger was asked, and does not have it. */
  'begun',
  'staged',
  'deduplicated',
  'merged',
  'recorded',
  'checked',
  'committed',
] as const;
export type CopyStep = (typeof copySteps)[number];

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Awaited before the load goes on. A remote engine that runs all in one batch tells only those that it can see. */
  readonly onStep?: ((step: CopyStep) => void | Promise<void>) | undefined;
}

/** What a value of a query is by the time it leaves an engine: JSON, with instants as ISO 8601 and what is wider than a double as text. */
export type QueryValue =
  | null
  | boolean
  | number
  | string
  | readonly QueryValue[]
  | { readonly [key: string]: QueryValue };

export interface QueryColumn {
  readonly name: string;
  /** As the engine calls it. */
  readonly type: string;
}

export interface QueryRows {
  readonly columns: readonly QueryColumn[];
  /** In parts, as the engine gives them: memory does not grow with rows. Ending the loop early ends the query. */
  readonly parts: AsyncIterable<readonly (readonly QueryValue[])[]>;
}

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface InitResult {
  readonly engine: Engine;
  readonly table: string;
  /** Names of the tables that were not there before. */
  readonly created: readonly string[];
}

/** A place that keeps transcripts in a table. One interface, two engines: `open.ts` chooses. */
export interface Warehouse {
  readonly engine: Engine;
  /** What `init` runs, for who wants to see it first or run it himself. */
  ddl(): readonly string[];
  /** Makes the table and the ledger where they are missing. Again is no error. */
  init(options?: { readonly signal?: AbortSignal | undefined }): Promise<InitResult>;
  /**
   * Loads all of the list or nothing, in one transaction whose last statement is the check of the counts. Makes table and
   * ledger when they are missing. Per id the row that wins is there afterwards: the later `timestamp`; at the same one the
   * greater `text` by its bytes (none is least). At the same text too the row of the table stays, whatever else the two hold,
   * so there the order of loads does decide; of such rows in one load the same list always takes the same one. Throws the
   * errors of errors.ts.
   */
  copy(list: SourceList, options?: CopyOptions): Promise<CopyResult>;
  /** One statement that only reads. Throws `QUERY_WRITES` for others and `QUERY_FAILED` with what the engine says. */
  query(sql: string, options?: QueryOptions): Promise<QueryRows>;
  close(): Promise<void>;
}
