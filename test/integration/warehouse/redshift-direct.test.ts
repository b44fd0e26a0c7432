import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/lib/secrets/secret.js';
import { createDirectTransport } from '../../../src/lib/warehouse/redshift/transport/direct.js';
import { SqlFailure } from '../../../src/lib/warehouse/redshift/transport/types.js';
import { selfSignedCertificate } from '../../support/certificate.js';
import { hasPostgres, type Postgres, startPostgres } from '../../support/redshift/postgres.js';
import { warehouseDeps } from '../../support/redshift/warehouse.js';

const certificate = selfSignedCertificate('localhost');
const password = 'correct horse';

describe.skipIf(!hasPostgres || certificate === undefined)('a direct connection', () => {
  let tls: Postgres;
  let plain: Postgres;
  let folder: string;
  let caFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mlops-ca-'));
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, certificate?.cert ?? '');
    [tls, plain] = await Promise.all([startPostgres(password, certificate), startPostgres(password)]);
  });
  afterAll(async () => {
    await tls?.stop();
    await plain?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (given: { server?: Postgres; host?: string; caFile?: string | undefined; password?: string } = {}) => {
    const { server = tls, host = 'localhost' } = given;
    const ca = 'caFile' in given ? given.caFile : caFile;
    const secret = new Secret(given.password ?? password);
    const place = { host, port: server.port, database: 'postgres', user: 'ana' };
    return createDirectTransport({ ...place, password: secret, caFile: ca }, warehouseDeps());
  };
  const statements = (...sqls: readonly string[]) => sqls.map((sql, at) => ({ name: `statement ${at}`, sql }));
  const options = { name: 'test', onProgress: () => {} };

  it('is encrypted, and the certificate is checked', async () => {
    const rows = await open().rows('SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
  });

  it.each([
    ['a server without TLS, however friendly', () => ({ server: plain }), 'TLS_REFUSED'],
    ['a certificate that nobody vouches for', () => ({ caFile: undefined }), 'TLS_UNTRUSTED'],
    ['a certificate of another name', () => ({ host: '127.0.0.1' }), 'TLS_UNTRUSTED'],
    ['a wrong password', () => ({ password: 'wrong horse' }), 'LOGIN_REFUSED'],
    ['certificates that are not there', () => ({ caFile: '/nowhere.pem' }), 'CA_FILE_UNREADABLE'],
    ['a port where nobody listens', () => ({ server: { ...tls, port: 1 } }), 'WAREHOUSE_UNREACHABLE'],
  ])('refuses %s', async (_what, given, code) => {
    const error: unknown = await open(given())
      .rows('SELECT 1')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, exitCode: 5 });
    expect(JSON.stringify(error)).not.toContain('horse');
  });

  it('runs statements as one transaction, with their values apart', async () => {
    const sql = open();
    const insert = `INSERT INTO people SELECT CAST(:n AS INTEGER), :name`;
    await sql.transaction(
      statements('CREATE TABLE people (n INTEGER, name VARCHAR(20))', insert),
      { n: '1', name: `'; --` },
      options,
    );
    expect(await sql.rows('SELECT * FROM people')).toEqual([{ n: 1, name: `'; --` }]);
    const failing = sql.transaction(statements(insert, 'SELECT 1/0'), { n: '2', name: 'x' }, options);
    await expect(failing).rejects.toBeInstanceOf(SqlFailure);
    await expect(failing).rejects.toMatchObject({
      statement: 'statement 1',
      message: 'division by zero',
      pid: expect.any(Number),
    });
    expect(await sql.rows('SELECT count(*) AS n FROM people')).toEqual([{ n: '1' }]);
  });

  it('reads a query part by part, and ends with its reader', async () => {
    const { columns, parts } = await open().query(
      `SELECT n, TIMESTAMP '2026-01-31 12:00:00' AS at, n = 1 AS is FROM generate_series(1, 2500) AS n;`,
    );
    expect(columns.map(({ type }) => type)).toEqual(['int4', 'timestamp', 'bool']);
    let rows = 0;
    for await (const part of parts) {
      if (rows === 0) expect(part[0]).toEqual([1, '2026-01-31T12:00:00', true]);
      rows += part.length;
      if (rows >= 2_000) break;
    }
    expect(rows).toBe(2_000);
    await expect(open().query('SELECT * FROM nowhere')).rejects.toThrow('nowhere');
    await expect(
      open().query('WITH gone AS (DELETE FROM people RETURNING n) SELECT * FROM gone'),
    ).rejects.toBeInstanceOf(SqlFailure);
    expect(await open().rows('SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  });

  it.each(['SELECT 1 AS n', 'SHOW server_encoding'])(
    'takes one statement as a query, and no more: %s',
    async (first) => {
      const sql = open();
      await sql.transaction(statements('CREATE TABLE kept (n INTEGER)'), {}, options);
      await expect(sql.query(`${first}; COMMIT; DROP TABLE kept; --`)).rejects.toThrow('multiple commands');
      await sql.transaction(statements('DROP TABLE kept'), {}, options);
    },
  );

  it('gives up at Ctrl-C', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const slow = open().transaction(statements('SELECT pg_sleep(20)'), {}, { ...options, signal: stop.signal });
    await expect(slow).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('ends a query at Ctrl-C, in the server too', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const slow = open().query('SELECT pg_sleep(20) AS mlops_slept', stop.signal);
    await expect(slow).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    const running = `SELECT pid FROM pg_stat_activity WHERE query LIKE '%mlops_slept' AND pid <> pg_backend_pid()`;
    expect(await open().rows(running)).toEqual([]);
  });
});
