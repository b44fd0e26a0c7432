import { randomUUID } from 'node:crypto';
import type { Results } from '@electric-sql/pglite';
import type { RedshiftDatabase } from './database.js';

export type Status = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

export interface Submission {
  readonly sqls: readonly string[];
  readonly isBatch: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  readonly name: string | undefined;
}

export interface Part {
  status: Status;
  error: string | undefined;
  result: Results<unknown[]> | undefined;
}

/** A statement or batch, as the Data API keeps it. */
export class Statement {
  readonly id = randomUUID();
  readonly createdAt = Date.now() / 1000;
  readonly pid = 1 + Math.floor(Math.random() * 2 ** 30);
  readonly submission: Submission;
  readonly parts: readonly Part[];
  status: Status = 'SUBMITTED';
  error: string | undefined;
  isCancelled = false;
  ended: Promise<void> = Promise.resolve();

  constructor(submission: Submission) {
    this.submission = submission;
    this.parts = submission.sqls.map(() => ({ status: 'SUBMITTED', error: undefined, result: undefined }));
  }

  get hasEnded(): boolean {
    return this.status === 'FINISHED' || this.status === 'FAILED' || this.status === 'ABORTED';
  }
}

/** Hears every statement of a batch before it runs, and once more before the commit; what it throws fails the batch. */
export type Watch = (sql: string | undefined, statement: Statement) => Promise<void> | void;

/** Runs what is submitted, one session after the other, whether anybody waits or not. */
export class StatementQueue {
  readonly all: Statement[] = [];
  watch: Watch = () => {};
  readonly #database: RedshiftDatabase;
  #last: Promise<void> = Promise.resolve();

  constructor(database: RedshiftDatabase) {
    this.#database = database;
  }

  submit(submission: Submission): Statement {
    const statement = new Statement(submission);
    this.all.push(statement);
    this.#last = this.#last.then(() => this.#run(statement));
    statement.ended = this.#last;
    return statement;
  }

  find(id: string): Statement | undefined {
    return this.all.find((statement) => statement.id === id);
  }

  async #run(statement: Statement): Promise<void> {
    const { sqls, parameters } = statement.submission;
    const stopIfCancelled = () => {
      if (statement.isCancelled) throw new Error(`Query cancelled on user's request`);
    };
    let running = 0;
    try {
      stopIfCancelled();
      statement.status = 'PICKED';
      const results = await this.#database.transaction(sqls, parameters, statement.pid, async (at) => {
        running = at;
        statement.status = 'STARTED';
        for (const [index, part] of statement.parts.entries()) if (index < at) part.status = 'FINISHED';
        const part = statement.parts[at];
        if (part !== undefined) part.status = 'STARTED';
        await this.watch(sqls[at], statement);
        stopIfCancelled();
      });
      for (const [at, part] of statement.parts.entries()) part.result = results[at];
      statement.status = 'FINISHED';
    } catch (error) {
      statement.status = statement.isCancelled ? 'ABORTED' : 'FAILED';
      statement.error = error instanceof Error ? error.message : String(error);
      for (const [at, part] of statement.parts.entries()) {
        if (at < running) part.status = 'ABORTED';
        else part.status = at === running ? statement.status : 'ABORTED';
      }
      // The Data API says of a batch which statement it was, and of the others that they were rolled back.
      const failed = statement.parts[Math.min(running, statement.parts.length - 1)];
      if (failed !== undefined) Object.assign(failed, { status: statement.status, error: statement.error });
    }
  }
}
