import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { OperationError } from '../../../../src/lib/base/errors/mlops-error.js';
import type { RedshiftData, StatementState, StatementStatus } from '../../../../src/lib/platform/aws/redshift-data.js';
import { createDataApiTransport } from '../../../../src/lib/warehouse/redshift/transport/data-api.js';

const id = '3f0c';
const name = 'mlops-load-1';
const state = (status: StatementStatus): StatementState => {
  return { id, status, error: undefined, hasResult: false, pid: 1, parts: [] };
};
const lost = new OperationError('A call to AWS failed', { code: 'AWS_CALL_FAILED', why: 'TimeoutError: no answer.' });

/** A transaction that Ctrl-C meets while it is submitted, or at the first look at it. */
function interrupted(given: Partial<RedshiftData>) {
  const stop = new AbortController();
  const cancel = vi.fn(async (_id: string) => true);
  const api: RedshiftData = {
    execute: async () => id,
    executeBatch: async () => id,
    describe: async (_id, _wait, signal) => {
      stop.abort();
      signal?.throwIfAborted();
      return state('ABORTED');
    },
    resultPage: async () => ({ columns: [], rows: [], next: undefined }),
    cancel,
    list: async () => [],
    ...given,
  };
  const sleep = (ms: number, signal?: AbortSignal) =>
    delay(ms / 1000, undefined, signal === undefined ? {} : { signal });
  const sql = createDataApiTransport(api, { workgroup: 'flights', database: 'dev' }, { sleep });
  const run = sql.transaction(
    [{ name: 'MERGE', sql: 'MERGE' }],
    {},
    { name, signal: stop.signal, onProgress: () => {} },
  );
  return { run, stop, cancel };
}

describe('Ctrl-C', () => {
  it('cancels by its id what was being submitted', async () => {
    const { promise: answer, resolve } = Promise.withResolvers<string>();
    const { run, stop, cancel } = interrupted({ executeBatch: () => answer });
    stop.abort();
    resolve(id);
    await expect(run).rejects.toMatchObject({
      exitCode: 130,
      why: `Statement ${id} was cancelled: nothing was changed.`,
    });
    expect(cancel).toHaveBeenCalledWith(id);
  });

  it('names the statement when the submission is not answered, and cancels it when it is', async () => {
    const { promise: answer, resolve } = Promise.withResolvers<string>();
    const { run, stop, cancel } = interrupted({ executeBatch: () => answer });
    stop.abort();
    await expect(run).rejects.toMatchObject({
      ...{ code: 'INTERRUPTED', exitCode: 130 },
      why: expect.stringContaining('If Redshift has taken it, it runs, and may commit.'),
      actions: expect.arrayContaining([
        expect.stringContaining(`list-statements --status ALL --statement-name ${name}`),
      ]),
    });
    resolve(id);
    await vi.waitFor(() => expect(cancel).toHaveBeenCalledWith(id));
  });

  it('names the statement when the submission failed and may have arrived', async () => {
    const { promise: answer, reject } = Promise.withResolvers<string>();
    const { run, stop } = interrupted({ executeBatch: () => answer });
    stop.abort();
    reject(lost);
    await expect(run).rejects.toMatchObject({
      exitCode: 130,
      why: expect.stringMatching(/^A statement was being submitted: TimeoutError: no answer\. If/),
    });
  });

  it.each([
    ['cannot be cancelled', { cancel: async () => Promise.reject(lost) }, 'TimeoutError: no answer'],
    ['does not end', {}, 'it has not ended yet'],
  ])('says so when it %s', async (_what, given, why) => {
    const describe: RedshiftData['describe'] = async (_id, _wait, signal) => {
      stop.abort();
      signal?.throwIfAborted();
      return state('STARTED');
    };
    const { run, stop } = interrupted({ describe, ...given });
    await expect(run).rejects.toMatchObject({
      ...{ code: 'INTERRUPTED', exitCode: 130 },
      why: `Statement ${id} was to be cancelled: ${why}. It may still run, and commit.`,
      actions: expect.arrayContaining([`See how it ends: aws redshift-data describe-statement --id ${id}`]),
    });
  });

  it('tells what was done when the cancelling came too late', async () => {
    const describe: RedshiftData['describe'] = async (_id, _wait, signal) => {
      if (!stop.signal.aborted) {
        stop.abort();
        signal?.throwIfAborted();
      }
      return state('FINISHED');
    };
    const { run, stop } = interrupted({ describe, cancel: async () => Promise.reject(lost) });
    await expect(run).resolves.toEqual({ statementId: id });
  });
});
