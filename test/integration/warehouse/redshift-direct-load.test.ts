import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { copyList } from '../../../src/lib/warehouse/redshift/copy.js';
import { prepareTarget } from '../../../src/lib/warehouse/redshift/init.js';
import { SqlFailure } from '../../../src/lib/warehouse/redshift/transport/types.js';
import type { SourceList } from '../../../src/lib/warehouse/sources/list.js';
import type { CopyOptions } from '../../../src/lib/warehouse/types.js';
import { selfSignedCertificate } from '../../support/certificate.js';
import { DirectServer, isAtGate, waitAtGate } from '../../support/redshift/direct-server.js';
import { onPostgres } from '../../support/redshift/on-postgres.js';
import { hasPostgres } from '../../support/redshift/postgres.js';
import { day, record, SourceObjects } from '../../support/redshift/sources.js';
import { bucket, warehouseDeps } from '../../support/redshift/warehouse.js';

const certificate = selfSignedCertificate('localhost');
const table = { schema: undefined, name: 'transcription_results' };

describe.skipIf(!hasPostgres || certificate === undefined)('a load over a direct connection', () => {
  const sources = new SourceObjects();
  let server: DirectServer;

  beforeAll(async () => {
    if (certificate !== undefined) server = await DirectServer.start(certificate);
  });
  afterAll(async () => await server?.stop());
  afterEach(async () => {
    await server.raw('DROP TABLE IF EXISTS transcription_results; DROP TABLE IF EXISTS mlops_loads');
    sources.s3.objects.clear();
  });

  interface LoadOptions extends CopyOptions {
    /** SQL to run before the statements of these names. */
    readonly before?: Readonly<Record<string, string>>;
    /** In the place of the transaction of the load. */
    readonly transaction?: () => Promise<never>;
  }
  const load = async (list: SourceList, { before = {}, transaction, ...options }: LoadOptions = {}) => {
    const source = async (name: string, key: string) => sources.s3.objects.get(`${name}/${key}`);
    const sql = onPostgres(server.connection(), source, before);
    const deps = warehouseDeps({ s3: async () => sources.s3 });
    const target = async (stop: AbortSignal | undefined) => (await prepareTarget(sql, table, stop)).target;
    const used = transaction === undefined ? sql : { ...sql, transaction };
    const context = {
      sql: used,
      table,
      deps,
      place: { bucket, prefix: 'loads/' },
      role: undefined,
      prepareTarget: target,
    };
    return await copyList(context, list, options);
  };
  const init = async () => {
    await prepareTarget(
      onPostgres(server.connection(), async () => undefined),
      table,
    );
  };
  const held = async () => await server.raw('SELECT id, text FROM transcription_results ORDER BY id');
  const ids = async () => (await held()).map(({ id }) => id);
  const atMerge = { MERGE: waitAtGate };
  /** The COMMIT of a load comes to the gate, and no other statement does. */
  const gateAtCommit = async () => {
    await init();
    await server.raw(
      `CREATE OR REPLACE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN PERFORM ${waitAtGate.replace('SELECT ', '')}; RETURN NULL; END';
       CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON mlops_loads DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION wait_at_gate()`,
    );
  };
  const isAtCommit = `query = 'COMMIT' AND ${isAtGate}`;

  it('takes the latest of each id, and a second time does nothing', async () => {
    const old = await load(sources.list([record('a', 'old', day(1)), record('b', 'old', day(3))]));
    expect(old).toMatchObject({ status: 'loaded', counts: { staged: 2, inserted: 2 }, statementId: null });
    const list = sources.list(
      [record('a', 'new', day(2), { segments: [{ text: 'new' }] }), record('b', 'stale', day(2))],
      [record('c', '', day(1)), record('c', null, day(1)), record('d', 'x', day(1))],
    );
    const loaded = await load(list);
    expect(loaded.counts).toEqual({ rowsInFiles: 5, staged: 5, duplicates: 1, stale: 1, inserted: 2, updated: 1 });
    const rows = [
      { id: 'a', text: 'new' },
      { id: 'b', text: 'old' },
      { id: 'c', text: '' },
      { id: 'd', text: 'x' },
    ];
    expect(await held()).toEqual(rows);
    expect(await load(list)).toEqual({ ...loaded, status: 'already-loaded' });
    expect(await held()).toEqual(rows);
    expect(await server.raw('SELECT segments FROM transcription_results WHERE segments IS NOT NULL')).toHaveLength(1);
    expect(await server.raw('SELECT count(*) AS n FROM mlops_loads')).toEqual([{ n: '2' }]);
  });

  it('waits at the lock of the ledger for another loader of the same list, and one of them loads', async () => {
    const list = sources.list([record('a', 'x', day(1)), record('b', 'y', day(1))]);
    await init();
    const results = await server.withGate(async (open) => {
      // The second one has asked the ledger already, in vain, when the first locks it.
      const { promise: asked, resolve: hasAsked } = Promise.withResolvers<void>();
      const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
      const onStep = async () => {
        hasAsked();
        await goesOn;
      };
      const second = load(list, { onStep });
      await asked;
      const first = load(list, { before: atMerge });
      await server.seen(isAtGate);
      goOn();
      // Also one that does not wait must not leave the test hanging.
      await Promise.race([second, server.seen(`wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE "mlops_loads"%'`)]);
      await open();
      return await Promise.all([first, second]);
    });
    expect(results.map(({ status }) => status)).toEqual(['loaded', 'already-loaded']);
    expect(results[1]).toEqual({ ...results[0], status: 'already-loaded' });
    expect(await ids()).toEqual(['a', 'b']);
    expect(await server.raw('SELECT count(*) AS n FROM mlops_loads')).toEqual([{ n: '1' }]);
  });

  it('leaves nothing running and nothing locked at Ctrl-C', async () => {
    const list = sources.list([record('a', 'x', day(1))]);
    const stop = new AbortController();
    await server.withGate(async () => {
      const loading = load(list, { before: atMerge, signal: stop.signal });
      await server.seen(isAtGate);
      stop.abort();
      await expect(loading).rejects.toMatchObject({
        ...{ code: 'INTERRUPTED', exitCode: 130 },
        why: 'The session in Redshift was ended: nothing was changed.',
      });
      expect(await server.sessions()).toEqual([]);
      await server.raw('BEGIN; LOCK TABLE mlops_loads NOWAIT; COMMIT');
    });
    expect(await ids()).toEqual([]);
    expect(await load(list)).toMatchObject({ status: 'loaded' });
  });

  it('says so when the session cannot be ended', async () => {
    const stop = new AbortController();
    const list = sources.list([record('a', 'x', day(1))]);
    await server.withGate(async () => {
      const loading = load(list, { before: atMerge, signal: stop.signal });
      const pid = await server.seen(isAtGate);
      // Who has a session already keeps it; a second one does not come in.
      await server.raw(`ALTER USER ana PASSWORD 'another horse'`);
      server.password = 'another horse';
      stop.abort();
      const error: unknown = await loading.catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        ...{ code: 'INTERRUPTED', exitCode: 130 },
        why: expect.stringContaining(`Nothing was changed. The session ${pid} could not be ended: `),
        actions: [`End it: SELECT pg_terminate_backend(${pid})`],
      });
    });
    expect(await ids()).toEqual([]);
  });

  it('waits for the answer to a COMMIT that is on its way at Ctrl-C', async () => {
    const list = sources.list([record('a', 'x', day(1))]);
    const stop = new AbortController();
    await gateAtCommit();
    const result = await server.withGate(async (open) => {
      const loading = load(list, { signal: stop.signal });
      await server.seen(isAtCommit);
      stop.abort();
      await open();
      return await loading;
    });
    expect(result).toMatchObject({ status: 'loaded', counts: { inserted: 1 } });
    expect(await ids()).toEqual(['a']);
  });

  it('does not claim to know how a COMMIT ended that was never answered', async () => {
    const list = sources.list([record('a', 'x', day(1))]);
    const stop = new AbortController();
    await gateAtCommit();
    await server.withGate(async (open) => {
      const loading = load(list, { signal: stop.signal });
      await server.seen(isAtCommit);
      stop.abort();
      await expect(loading).rejects.toMatchObject({
        ...{ code: 'INTERRUPTED', exitCode: 130 },
        why: expect.stringContaining('may be committed'),
      });
      await open();
    });
    // It was: the server had the COMMIT.
    expect(await load(list)).toMatchObject({ status: 'already-loaded' });
    expect(await ids()).toEqual(['a']);
  });

  it('does not claim to know it either when Ctrl-C comes before the ledger was asked', async () => {
    await init();
    const stop = new AbortController();
    const transaction = async () => {
      stop.abort();
      throw new SqlFailure('The connection was lost at the commit.', { isOutcomeUnknown: true });
    };
    const loading = load(sources.list([record('a', 'x', day(1))]), { transaction, signal: stop.signal });
    await expect(loading).rejects.toMatchObject({
      ...{ code: 'INTERRUPTED', exitCode: 130 },
      why: expect.stringContaining('may be committed'),
    });
  });

  it('asks the ledger, and goes on, when the session ends at the commit', async () => {
    const list = sources.list([record('a', 'x', day(1))]);
    await gateAtCommit();
    const result = await server.withGate(async (open) => {
      const loading = load(list);
      const pid = await server.seen(isAtCommit);
      await server.raw(`SELECT pg_terminate_backend(${pid})`);
      await open();
      return await loading;
    });
    expect(result).toMatchObject({ status: 'loaded', counts: { inserted: 1 } });
    expect(await ids()).toEqual(['a']);
  });
});
