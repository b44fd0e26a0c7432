import { describe, expect, it } from 'vitest';
import { redshiftDdl } from '../../../../src/lib/warehouse/redshift/ddl.js';
import { copyStatement } from '../../../../src/lib/warehouse/redshift/load/copy-sql.js';
import { positional, scanSql } from '../../../../src/lib/warehouse/redshift/sql-scan.js';
import { createTable } from '../../../support/redshift/create-table.js';
import { checkGrammar } from '../../../support/redshift/grammar.js';

const table = (columns: string) => createTable(checkGrammar(`CREATE TABLE "t" (${columns})`).tokens);

describe('what Redshift refuses, the stand-in refuses', () => {
  it.each([
    ['ON CONFLICT', `INSERT INTO "t" (id) VALUES (1) ON CONFLICT DO NOTHING`],
    ['RETURNING', `INSERT INTO "t" (id) VALUES (1) RETURNING id`],
    ['RETURNING', `DELETE FROM "t" WHERE "t"."id" = 1 RETURNING id`],
    [
      'MERGE from a subquery',
      `MERGE INTO "t" USING (SELECT 1 AS id) AS s ON "t"."id" = s."id" WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)`,
    ],
    [
      'MERGE with a condition',
      `MERGE INTO "t" USING s ON "t"."id" = s."id" WHEN MATCHED AND s."x" > 1 THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)`,
    ],
    [
      'MERGE with half of its clauses',
      `MERGE INTO "t" USING s ON "t"."id" = s."id" WHEN NOT MATCHED THEN INSERT VALUES (1)`,
    ],
    ['several statements', 'SELECT 1; SELECT 2'],
    ['a function that it lacks', 'SELECT jsonb_agg(1)'],
    ['FILTER', 'SELECT count(*) FILTER (WHERE true) FROM t'],
    ['a transaction of its own', 'BEGIN'],
    ['COPY from a program', `COPY "t" FROM PROGRAM 'ls'`],
  ])('%s', (_what, sql) => {
    expect(() => checkGrammar(sql)).toThrow(/^ERROR: /);
  });

  it.each(['JSONB', 'JSON', 'SERIAL', 'UUID', 'BYTEA', 'VARCHAR(65536)', 'VARCHAR[]'])(
    'a column of type %s',
    (type) => {
      expect(() => table(`id ${type}`)).toThrow(/^ERROR: /);
    },
  );

  it('takes the two forms of MERGE that Redshift has', () => {
    const on = 'MERGE INTO "t" USING s ON "t"."id" = s."id"';
    expect(checkGrammar(`${on} REMOVE DUPLICATES`).kind).toBe('merge');
    expect(
      checkGrammar(`${on} WHEN MATCHED THEN UPDATE SET x = s.x WHEN NOT MATCHED THEN INSERT ("id") VALUES (s."id")`)
        .kind,
    ).toBe('merge');
  });

  it('takes a primary key and does not enforce it; TEXT is a VARCHAR of 256 bytes', () => {
    const [create, ...comments] = table('id VARCHAR(50) PRIMARY KEY, "text" TEXT, PRIMARY KEY (id)').statements;
    expect(create).not.toMatch(/primary/i);
    expect(create).toContain('octet_length("text") <= 256');
    expect(comments.at(-1)).toBe(`COMMENT ON COLUMN "t"."text" IS '256'`);
  });

  it('takes our tables', () => {
    for (const sql of redshiftDdl({ schema: 'speech', name: 'results' })) expect(() => checkGrammar(sql)).not.toThrow();
  });
});

describe('COPY', () => {
  const copy = (url: string, role?: string) => copyStatement('mlops_staging', ['id'], url, role);

  it('reads by a manifest, as a role or the default one', () => {
    expect(copy('s3://bucket/loads/a.manifest')).toContain(
      `FROM 's3://bucket/loads/a.manifest'\nIAM_ROLE default\nMANIFEST`,
    );
    expect(copy(`s3://bucket/it's`, 'arn:aws:iam::123456789012:role/a')).toContain(
      `'s3://bucket/it''s'\nIAM_ROLE 'arn:aws:iam::123456789012:role/a'`,
    );
  });

  it.each([
    [`s3://bucket/a\\' OR`, undefined],
    ['s3://bucket/a\nb', undefined],
    ['https://bucket/a', undefined],
    ['s3://bucket/a', `arn:aws:iam::1:role/x' CREDENTIALS '`],
  ])('refuses %j as %j', (url, role) => {
    expect(() => copy(url, role)).toThrow();
  });
});

describe('scanSql', () => {
  it('tells names of values from casts, texts and comments', () => {
    const sql = `SELECT :a::int, ':b', ":c", x -- :d\n/* :e */ , :f, :a`;
    expect(positional(sql, { a: '1', b: '2', c: '3', d: '4', e: '5', f: '6' })).toEqual([
      sql.replace(':a::int', '$1::int').replace(', :f, :a', ', $2, $1'),
      ['1', '6'],
    ]);
    expect(
      scanSql(sql)
        .map(({ text }) => text)
        .join(''),
    ).toBe(sql);
  });
});
