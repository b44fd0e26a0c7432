/** What a column holds; each engine has a type for it. */
export type ColumnKind = 'id' | 'text' | 'words' | 'timestamp' | 'seconds' | 'integer' | 'json';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Without it a row is no record, and without the column a table is none of ours. */
  readonly isRequired: boolean;
  /** CSV is for spreadsheets: what is a list in the record is not in it, or in words. */
  readonly isInCsv: boolean;
}

/** Bytes, because a VARCHAR(50) of Redshift has them; DuckDB does not count at all. */
export const maxIdBytes = 50;

/** Of one object of JSON and of one row of CSV, in bytes. */
export const mostRowBytes = 16 * 2 ** 20;

export function rowTooLong(bytes: number): string {
  return `It has ${bytes} bytes; a record may have ${mostRowBytes}.`;
}

/** Why an id is none that every engine tells from others: Redshift compares without blanks at the end. */
export const endsWithBlank = 'Its id ends with a blank, which not every warehouse tells from the one without.';

const simple = (name: string, kind: ColumnKind, isRequired = false): Column => {
  return { name, kind, isRequired, isInCsv: kind !== 'json' };
};

/**
 * The transcript record as columns, in its order. A table that somebody made before, with some of the columns only (at least
 * id, text and timestamp), is loaded with these; other columns of it stay null.
 */
export const recordColumns: readonly Column[] = [
  simple('id', 'id', true),
  // Silence has an empty text; a null is passed on.
  simple('text', 'text'),
  simple('timestamp', 'timestamp', true),
  simple('source', 'words'),
  simple('uploaded_at', 'timestamp'),
  simple('duration_s', 'seconds'),
  simple('sample_rate_hz', 'integer'),
  simple('channels', 'integer'),
  simple('language', 'words'),
  simple('model', 'words'),
  simple('model_digest', 'words'),
  simple('segments', 'json'),
  simple('warnings', 'json'),
];

/** Columns that every table has to have. */
export const essentialColumns = ['id', 'text', 'timestamp'] as const;

export const defaultTable = 'transcription_results';

/**
 * The ledger, in the schema of the table it is about, a row for each load; its columns are in each engine's DDL. (table_name,
 * load_id) is unique: kept so by the transaction, because not every engine enforces a key.
 */
export const ledgerTable = 'mlops_loads';
