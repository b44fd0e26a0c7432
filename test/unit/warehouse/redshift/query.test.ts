import { expect, it } from 'vitest';
import { assertReads } from '../../../../src/lib/warehouse/redshift/query.js';

it.each([
  String.raw`SELECT id FROM t WHERE text LIKE '%\_%' AND path = 'C:\\'`,
  `SELECT 'it''s' AS "a ""name""", 'into' -- into\n/* into */ FROM t;`,
  'WITH a AS (SELECT 1) SELECT * FROM a; -- done',
  'SHOW TABLES FROM SCHEMA dev.public',
  'EXPLAIN SELECT 1',
])('reads: %s', (sql) => {
  expect(() => assertReads(sql)).not.toThrow();
});

it.each([
  String.raw`SELECT '\' ' AS a INTO stolen FROM t --'`,
  String.raw`SELECT '\' ' ; COMMIT; DROP TABLE t; --'`,
  String.raw`SELECT '\\\' INTO stolen FROM t --'`,
  `SELECT $$ ' $$ INTO x FROM t --'`,
  `SELECT $a$ ' $a$ INTO x FROM t --'`,
  `SELECT 1 /* /* */ ' */ INTO x --'`,
  'SELECT 1 -- \r INTO x',
  `SELECT 1 AS "a INTO x`,
  `SELECT 'a`,
  'SELECT 1; SELECT 2',
  'EXPLAIN ANALYZE SELECT 1',
  'DELETE FROM t',
  '',
])('does not only read, or nobody can tell: %s', (sql) => {
  expect(() => assertReads(sql)).toThrow(expect.objectContaining({ code: 'QUERY_WRITES', exitCode: 2 }));
});
