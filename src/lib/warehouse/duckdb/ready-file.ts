/** A file of this machine that DuckDB can read, and what to call it. */
export interface ReadyFile {
  /** Absolute, without anything that DuckDB would take for a pattern. */
  readonly path: string;
  /** What the user named, or the object it came from. */
  readonly name: string;
  readonly isGzip: boolean;
  /** Counted without DuckDB; undefined for Parquet. */
  readonly rows: number | undefined;
}
