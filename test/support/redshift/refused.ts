/** What Redshift answers to SQL that it does not take. */
export class RefusedSql extends Error {
  readonly code: string;

  constructor(message: string, code = '42601') {
    super(`ERROR: ${message}`);
    this.code = code;
  }
}

export interface LoadError {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly message: string;
}

/** A statement that failed, with the rows that COPY refused. */
export class FailedSql extends Error {
  readonly loadErrors: readonly LoadError[];

  constructor(message: string, loadErrors: readonly LoadError[] = []) {
    super(message);
    this.loadErrors = loadErrors;
  }
}
