import { expect, it } from 'vitest';
import { prepareTarget } from '../../../../src/lib/warehouse/redshift/init.js';
import { SqlFailure, type SqlTransport } from '../../../../src/lib/warehouse/redshift/transport/types.js';
import { parseTableName } from '../../../../src/lib/warehouse/sql/identifier.js';

const columns = [
  { column_name: 'id', data_type: 'character varying', character_maximum_length: '50' },
  { column_name: 'text', data_type: 'character varying', character_maximum_length: '65535' },
  { column_name: 'timestamp', data_type: 'timestamp without time zone', character_maximum_length: null },
];

it('forgets loads of a table that is gone only where it makes the new one, and not when another was faster', async () => {
  const ran: string[] = [];
  let isThere = false;
  const sql: SqlTransport = {
    rows: async (_sql, parameters = {}) => (parameters.name === 'mlops_loads' || isThere ? columns : []),
    transaction: async (statements) => {
      ran.push(...statements.map((one) => one.sql));
      isThere = true;
      throw new SqlFailure('Relation "transcription_results" already exists');
    },
    query: () => Promise.reject(new Error('not asked')),
    settle: async () => false,
  };
  const { target } = await prepareTarget(sql, parseTableName('transcription_results'));
  expect(target.columns).toHaveLength(3);
  // Without IF NOT EXISTS it is this statement that keeps the one at the end from running.
  expect(ran[0]).toMatch(/^CREATE TABLE "transcription_results"/);
  expect(ran.at(-1)).toBe('DELETE FROM "mlops_loads" WHERE table_name = :table_name');
  await prepareTarget(sql, parseTableName('transcription_results'));
  expect(ran).toHaveLength(3);
});
