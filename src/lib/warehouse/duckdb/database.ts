import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { describeError } from '../../base/errors/describe.js';
import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import { warehouseLocked } from '../errors.js';
import { orInterrupted, throwIfInterrupted } from '../interrupted.js';
import type { WarehouseDeps } from '../settings.js';

export type AccessMode = 'read' | 'write';

/** How long to wait for a process that has the file, in milliseconds. */
const longestWaitMs = 30_000;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Joins and sorts beyond the limit of memory go to `temp_directory`, beside the file; without an order of insertion to
 * keep, rows are written as they come. So memory does not grow with the load (measured in docs/decisions/0016). Nothing is
 * downloaded: what DuckDB has not built in is not there.
 */
const common = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
const options: Readonly<Record<AccessMode, Record<string, string>>> = {
  read: { ...common, access_mode: 'READ_ONLY' },
  write: { ...common, access_mode: 'READ_WRITE', memory_limit: '512MB', preserve_insertion_order: 'false' },
};

/** Who has which file in this process: DuckDB would let two of them in, and neither sees what the other adds. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Uses the database file alone. Another process that has it is waited for.
 * Throws `WAREHOUSE_LOCKED`, `WAREHOUSE_MISSING` (reading), `WAREHOUSE_UNREADABLE`.
 */
export async function withDatabase<T>(
  path: string,
  mode: AccessMode,
  { sleep, reporter }: Pick<WarehouseDeps, 'sleep' | 'reporter'>,
  signal: AbortSignal | undefined,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  if (mode === 'write') await mkdir(dirname(path), { recursive: true });
  const real = await realFile(path);
  return await alone(real, async () => {
    const instance = await openPatiently(real, mode, { sleep, reporter }, signal);
    try {
      const connection = await instance.connect();
      try {
        return await use(connection);
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  });
}

async function alone<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(key) ?? Promise.resolve();
  const turn = before.then(work, work);
  const ended = turn.catch(() => undefined);
  queues.set(key, ended);
  try {
    return await turn;
  } finally {
    if (queues.get(key) === ended) queues.delete(key);
  }
}

async function openPatiently(
  path: string,
  mode: AccessMode,
  { sleep, reporter }: Pick<WarehouseDeps, 'sleep' | 'reporter'>,
  signal: AbortSignal | undefined,
): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  let waitedMs = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    throwIfInterrupted(signal);
    try {
      // The cache keeps a second instance of the same file out of this process.
      return await DuckDBInstance.fromCache(path, options[mode]);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!isLocked(message)) throw unreadable(path, message, error);
      if (waitedMs >= longestWaitMs) throw lockedBy(path, message, error);
      if (waitedMs === 0) reporter.note(`Waiting for ${holder(message)}, which has ${path}`);
    }
    await orInterrupted(signal, () => sleep(pauseMs, signal));
    waitedMs += pauseMs;
  }
}

function isLocked(message: string): boolean {
  return (
    message.includes('Could not set lock') || message.includes('different configuration than existing connections')
  );
}

function holder(message: string): string {
  const pid = /PID (\d+)/.exec(message)?.[1];
  return pid === undefined ? 'another process' : `process ${pid}`;
}

function lockedBy(path: string, message: string, cause: unknown): Error {
  const why = `DuckDB lets one process in at a time, and ${holder(message)} has had the file for ${longestWaitMs / 1000} s.`;
  return warehouseLocked(path, why, cause);
}

function unreadable(path: string, message: string, cause: unknown): Error {
  if (message.includes('database does not exist')) {
    return new UsageError(`There is no warehouse at ${path}`, {
      code: 'WAREHOUSE_MISSING',
      actions: ['Make it: mlops warehouse init', 'Load something into it: mlops warehouse copy SOURCE'],
    });
  }
  return new OperationError(`${path} cannot be opened`, {
    code: 'WAREHOUSE_UNREADABLE',
    why: describeError(cause),
    actions: ['Choose another file: --database PATH'],
    cause,
  });
}

/** One file has one name, whatever links lead there. */
async function realFile(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // Not there yet: its folder may be.
    return await realpath(dirname(path)).then(
      (folder) => join(folder, basename(path)),
      () => path,
    );
  }
}
