import { describe, expect, it } from 'vitest';
import { redshiftColumns } from '../../../../src/lib/warehouse/redshift/columns.js';
import { type CopyContext, copyList } from '../../../../src/lib/warehouse/redshift/copy.js';
import { SqlFailure, type SqlTransport } from '../../../../src/lib/warehouse/redshift/transport/types.js';
import type { SourceList } from '../../../../src/lib/warehouse/sources/list.js';
import { parseTableName } from '../../../../src/lib/warehouse/sql/identifier.js';
import { day, record, SourceObjects } from '../../../support/redshift/sources.js';
import { bucket, warehouseDeps } from '../../../support/redshift/warehouse.js';

const counts = { rows_in_files: 1, staged: 1, duplicates: 0, stale: 0, inserted: 1, updated: 0 };
const entry = { loaded_at: '2026-01-01T00:00:00', files: 1, bytes: 9, ...counts, statement_id: null };

/** A load of two files with one record each by a transport that answers as it is told. */
function loading(given: Partial<SqlTransport>) {
  const sources = new SourceObjects();
  const context: CopyContext = {
    sql: {
      transaction: () => Promise.reject(new Error('a transaction was begun')),
      rows: async () => [],
      query: () => Promise.reject(new Error('not asked')),
      settle: async () => false,
      ...given,
    },
    table: parseTableName('transcription_results'),
    deps: warehouseDeps({ s3: async () => sources.s3, sleep: async () => {} }),
    place: { bucket, prefix: 'loads/' },
    role: undefined,
    prepareTarget: async () => ({ columns: redshiftColumns, hasOthers: false }),
  };
  const list: SourceList = sources.list(
    [record('a', 'x', day(1))],
    [record('b', 'y', day(1)), record('c', 'z', day(1))],
  );
  return { list, sources, copy: () => copyList(context, list, {}) };
}

describe('what an earlier run left running', () => {
  it('is waited for, and then nothing is begun', async () => {
    let hasEnded = false;
    const { copy } = loading({
      rows: async () => (hasEnded ? [entry] : []),
      settle: async () => {
        hasEnded = true;
        return true;
      },
    });
    await expect(copy()).resolves.toMatchObject({ status: 'already-loaded', counts: { inserted: 1 } });
  });
});

describe('a load that is committed', () => {
  /** The ledger cannot be read so many times after the commit. */
  const unreadable = (times: number) => {
    let isCommitted = false;
    let left = times;
    return loading({
      transaction: async () => {
        isCommitted = true;
        return { statementId: '3f0c' };
      },
      rows: async () => {
        if (!isCommitted) return [];
        if (left-- > 0) throw new SqlFailure('ERROR: Query aborted by WLM');
        return [entry];
      },
    });
  };

  it('is told when the ledger can be read a little later', async () => {
    await expect(unreadable(2).copy()).resolves.toMatchObject({ status: 'loaded', statementId: '3f0c' });
  });

  it('is never said to have changed nothing', async () => {
    const { list, copy } = unreadable(3);
    await expect(copy()).rejects.toMatchObject({
      ...{ code: 'LOAD_UNCONFIRMED', exitCode: 1 },
      message: 'The load into transcription_results is committed, and how much it was cannot be read',
      why: expect.stringMatching(/^Redshift committed it, as statement 3f0c\. .*Query aborted by WLM\.$/),
      actions: [
        expect.stringContaining('loads nothing twice'),
        expect.stringContaining(`FROM mlops_loads WHERE load_id = '${list.digest}'`),
        expect.stringContaining('describe-statement --id 3f0c'),
      ],
    });
    await expect(copy()).resolves.toMatchObject({ status: 'already-loaded' });
  });
});

describe('a row that only COPY refuses', () => {
  it('is the fault of its file', async () => {
    const { sources, copy } = loading({
      transaction: async () =>
        Promise.reject(new SqlFailure('ERROR: Load into table failed', { statement: 'COPY', pid: 7 })),
      rows: async (sql) => {
        const part = [...sources.s3.objects.keys()].find((key) => key.includes('/loads/') && key.endsWith('.jsonl'));
        const error = { file: `s3://${part}`, line: 3, col: 'timestamp', message: 'Invalid timestamp' };
        return sql.includes('sys_load_error_detail') ? [error] : [];
      },
    });
    await expect(copy()).rejects.toMatchObject({
      ...{ code: 'BAD_RECORD', source: `s3://${bucket}/processed/1.jsonl` },
      reason: 'Row 2: COPY refuses its timestamp: Invalid timestamp.',
    });
  });
});
