import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseProject } from '../../../src/lib/project/parse.js';
import { resolveWarehouse } from '../../../src/lib/warehouse/resolve-settings.js';
import { parseTableName, quoteIdentifier, quoteTable, sibling } from '../../../src/lib/warehouse/sql/identifier.js';
import { errorOf } from '../../support/errors.js';

const project = (text: string) => ({ file: undefined, dir: '/project', config: parseProject(text) });
const outside = { cwd: '/somewhere', env: {} };

describe('settings', () => {
  it('have defaults, mlops.yaml before them, flags before that', () => {
    expect(resolveWarehouse(project(''), {}, outside)).toMatchObject({
      engine: 'duckdb',
      table: { schema: undefined, name: 'transcription_results' },
      duckdb: { path: join('/project', 'warehouse.duckdb') },
    });
    const yaml = project(
      'warehouse: { engine: redshift, path: a.duckdb, table: s.t, redshift: { workgroup: w, secret: "aws-sm://n" } }\naws: { region: eu-west-1 }',
    );
    expect(resolveWarehouse(yaml, {}, outside)).toMatchObject({
      engine: 'redshift',
      table: { schema: 's', name: 't' },
      redshift: { workgroup: 'w', secret: 'n', region: 'eu-west-1' },
    });
    expect(resolveWarehouse(yaml, { engine: 'duckdb', database: 'b.duckdb', table: 'u' }, outside)).toMatchObject({
      engine: 'duckdb',
      table: { schema: undefined, name: 'u' },
      duckdb: { path: join('/somewhere', 'b.duckdb') },
    });
  });

  it('take a place of the environment as a whole, with nothing of the one in mlops.yaml', () => {
    const yaml = project(
      'warehouse: { engine: redshift, redshift: { workgroup: w, user: ana, secret: "aws-sm://n", database: d, staging: "s3://b-1/x/" } }',
    );
    const of = (env: Record<string, string>) => {
      const { redshift } = resolveWarehouse(yaml, {}, { ...outside, env });
      return Object.fromEntries(Object.entries(redshift).filter(([, value]) => value !== undefined));
    };
    const general = { database: 'd', staging: 's3://b-1/x/' };
    const password = 'env://REDSHIFT_PASSWORD';
    expect(of({ REDSHIFT_HOST: 'h', REDSHIFT_USER: 'bo', REDSHIFT_PASSWORD: 'x' })).toEqual({
      ...{ ...general, host: 'h', user: 'bo', password },
    });
    expect(of({ REDSHIFT_CLUSTER: 'c' })).toEqual({ ...general, cluster: 'c' });
    expect(of({ REDSHIFT_DB: 'e' })).toEqual({ ...general, database: 'e', workgroup: 'w', user: 'ana', secret: 'n' });
  });

  it('are checked', async () => {
    const wrong = [
      'redshift: { workgroup: a, cluster: b }',
      'redshift: { secret: hunter2 }',
      'redshift: { password: hunter2 }',
      'redshift: { staging: /tmp }',
      'table: "Robert; DROP TABLE x"',
    ];
    for (const text of wrong) {
      const error = await errorOf(() => project(`warehouse: { ${text} }`));
      expect(error.code).toBe('PROJECT_INVALID');
      expect(error.why).not.toContain('hunter2');
    }
  });
});

describe('identifiers', () => {
  it('are quoted, and nothing else is one', async () => {
    expect(quoteTable(parseTableName('analytics.calls'))).toBe('"analytics"."calls"');
    expect(quoteTable(sibling(parseTableName('a.b'), 'mlops_loads'))).toBe('"a"."mlops_loads"');
    expect(quoteIdentifier('timestamp')).toBe('"timestamp"');
    for (const name of ['', 'A', '1a', 'a"b', 'a b', 'a.b.c', 'a;', 'é', 'a\n', 'x'.repeat(128)]) {
      expect((await errorOf(() => parseTableName(name))).code).toBe('TABLE_NAME_INVALID');
      expect((await errorOf(() => quoteIdentifier(name))).code).toBe('IDENTIFIER_INVALID');
    }
  });
});
