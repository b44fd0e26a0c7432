import type { DuckDBConnection } from '@duckdb/node-api';
import { expect, it, onTestFinished } from 'vitest';
import type { MlopsError } from '../../../src/lib/base/errors/mlops-error.js';
import { copyInto } from '../../../src/lib/warehouse/duckdb/copy.js';
import { parseTableName } from '../../../src/lib/warehouse/sql/identifier.js';
import { errorOf } from '../../support/errors.js';
import { testWarehouse, warehouseDeps } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

const later = { timestamp: '2026-02-01T00:00:00Z', text: 'later' };
const earlier = { timestamp: '2026-01-01T00:00:00Z', text: 'earlier' };

/** A table with three rows, and a load that inserts, updates, has doubles and stale ones, in two parts. */
async function loaded() {
  const { dir, path, warehouse, put, list } = await testWarehouse();
  await put({ 'a.jsonl': lines([makeRecord(1), makeRecord(2), makeRecord(3)]) });
  await warehouse.copy(await list());
  await put({
    'b/1.jsonl': lines([makeRecord(1, later), makeRecord(2, earlier), makeRecord(4), makeRecord(4)]),
    'b/2.jsonl': lines([makeRecord(4, later), makeRecord(2, later), makeRecord(5)]),
  });
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(path);
  onTestFinished(() => instance.closeSync());
  const context = { path, table: parseTableName('transcription_results'), deps: warehouseDeps(dir), partBytes: 1 };
  const contents = async () => {
    const connection = await instance.connect();
    const all = `SELECT (SELECT list(t ORDER BY t.id) FROM transcription_results AS t)::VARCHAR,
      (SELECT list(l ORDER BY l.load_id) FROM mlops_loads AS l)::VARCHAR`;
    const found = (await connection.runAndReadAll(all)).getRowsJson();
    connection.closeSync();
    return found;
  };
  return { instance, context, contents, list: await list('in/b') };
}

const counts = { rowsInFiles: 7, staged: 7, duplicates: 3, stale: 0, inserted: 2, updated: 2 };

type Fault = (real: DuckDBConnection) => Promise<unknown>;

const faults: Readonly<Record<string, Fault>> = {
  'without aborting the transaction': (real) => real.run('SELEC fault'),
  'while it runs': (real) => real.run(`SELECT error('fault') FROM range(3)`),
};

/** The connection, but for the statement of this number, which fails. Tells every statement. */
function failingAt(number: number, real: DuckDBConnection, fault: Fault, ran: string[]): DuckDBConnection {
  return new Proxy(real, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      if (name !== 'run' && name !== 'runAndReadAll') return member.bind(target) as unknown;
      return (...args: [string]) => {
        ran.push(args[0]);
        return ran.length - 1 === number ? fault(real) : (member.apply(target, args) as unknown);
      };
    },
  });
}

it.each(Object.entries(faults))(
  'a statement that fails %s fails the load, and nothing of it stays',
  async (_, fault) => {
    const { instance, context, contents, list } = await loaded();
    const before = await contents();
    const run = async (number: number, ran: string[]) => {
      const real = await instance.connect();
      try {
        return await copyInto(failingAt(number, real, fault, ran), context, list, {});
      } finally {
        real.closeSync();
      }
    };
    for (let number = 0; ; number += 1) {
      const ran: string[] = [];
      const ended = await run(number, ran).then(
        (result) => ({ result }),
        (error: MlopsError) => ({ error }),
      );
      if (ran.length <= number) {
        // There are no more: this time none failed.
        expect('result' in ended && ended.result.counts).toEqual(counts);
        expect(number).toBeGreaterThan(30);
        return;
      }
      expect([ran[number], 'error' in ended && ended.error.exitCode]).toEqual([ran[number], 1]);
      expect(ran.slice(number + 1).filter((sql) => sql !== 'ROLLBACK')).toEqual([]);
      expect([ran[number], await contents()]).toEqual([ran[number], before]);
    }
  },
);

it('the tables that a load makes for itself cannot be the table that is loaded', async () => {
  const { instance, context, list } = await loaded();
  const real = await instance.connect();
  const ran: string[] = [];
  await copyInto(
    failingAt(Number.POSITIVE_INFINITY, real, () => Promise.reject(new Error('unused')), ran),
    context,
    list,
    {},
  );
  real.closeSync();
  const made = ran.flatMap((sql) =>
    [...sql.matchAll(/CREATE [A-Z ]*TABLE [A-Z ]*"?(mlops_\w+)/g)].map(([, name]) => name),
  );
  expect(new Set(made).size).toBeGreaterThan(5);
  for (const name of [...made, 'analytics.mlops_loads']) {
    expect([name, (await errorOf(() => parseTableName(name ?? ''))).code]).toEqual([name, 'TABLE_NAME_INVALID']);
  }
});
