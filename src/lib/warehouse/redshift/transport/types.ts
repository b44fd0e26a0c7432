import type { QueryRows, QueryValue } from '../../types.js';

export type SqlParameters = Readonly<Record<string, string>>;

/** A statement of a transaction. Its values are named `:so`; one may stand in several. */
export interface NamedStatement {
  /** What it is for, for progress and errors. */
  readonly name: string;
  readonly sql: string;
}

export interface TransactionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Name by which another process finds it again: see `settle`. */
  readonly name: string;
  /** Hears the name of the statement that runs now, as far as the transport can see it. */
  readonly onProgress: (running: string) => void;
}

export interface Committed {
  /** Of the Data API; null without it. */
  readonly statementId: string | null;
}

/** The same SQL by the Data API or by a connection of our own. */
export interface SqlTransport {
  /** Runs the statements as one transaction. Throws SqlFailure when it did not commit, or nobody knows. */
  transaction(
    statements: readonly NamedStatement[],
    parameters: SqlParameters,
    options: TransactionOptions,
  ): Promise<Committed>;
  /** One statement by itself, with all rows of a small answer. Throws SqlFailure. */
  rows(sql: string, parameters?: SqlParameters, signal?: AbortSignal): Promise<Record<string, QueryValue>[]>;
  /** One statement that reads, with its rows part by part. Throws SqlFailure. */
  query(sql: string, signal?: AbortSignal): Promise<QueryRows>;
  /**
   * Waits for the end of transactions of this name that an earlier process left running. False when there was none, or the
   * transport cannot know: a connection of our own ends with its process.
   */
  settle(name: string, signal?: AbortSignal): Promise<boolean>;
}

export interface SqlFailureDetails {
  /** Statement of the transaction that failed; undefined when none did. */
  readonly statement?: string | undefined;
  /** Process of the session in Redshift, to find it in the system views. */
  readonly pid?: number | undefined;
  /** The connection was lost at the commit: it may have happened. */
  readonly isOutcomeUnknown?: boolean;
  readonly cause?: unknown;
}

/** What Redshift says of SQL that failed. Whoever asked makes an error for people of it. */
export class SqlFailure extends Error {
  readonly statement: string | undefined;
  readonly pid: number | undefined;
  readonly isOutcomeUnknown: boolean;

  constructor(message: string, { statement, pid, isOutcomeUnknown = false, cause }: SqlFailureDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SqlFailure';
    this.statement = statement;
    this.pid = pid;
    this.isOutcomeUnknown = isOutcomeUnknown;
  }

  /**
   * Whether Redshift gave way to another transaction, and the same may succeed now:
   * https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
   */
  get isConflict(): boolean {
    return /\b1023\b|serializable isolation|deadlock|conflict with concurrent transaction/i.test(this.message);
  }
}
