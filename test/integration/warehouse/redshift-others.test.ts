import { describe, expect, it } from 'vitest';
import { createRedshiftData } from '../../../src/lib/platform/aws/redshift-data.js';
import { day, record } from '../../support/redshift/sources.js';
import { useStandIn } from '../../support/redshift/use-stand-in.js';
import { openStandIn, region } from '../../support/redshift/warehouse.js';

const { sources: objects, redshift, open, held } = useStandIn();
const list = (...files: (readonly object[])[]) => objects.list(...files);

/** How many times any of them was submitted in this test. */
const loads = () => redshift().queue.all.filter(({ submission }) => submission.name?.startsWith('mlops-load')).length;

describe('others at the same time', () => {
  it('loads once when two runs load the same list', async () => {
    const sources = list([record('a', 'x', day(1))]);
    await (await open()).init();
    const results = await Promise.all([1, 2, 3].map(async () => (await open()).copy(sources)));
    expect(results.map(({ status }) => status).sort()).toEqual(['already-loaded', 'already-loaded', 'loaded']);
    expect(new Set(results.map(({ loadedAt }) => loadedAt)).size).toBe(1);
    expect(await held()).toHaveLength(1);
  });

  it('waits for what an earlier process left running, and does not begin another', async () => {
    const sources = list([record('a', 'x', day(1))]);
    const lost = new AbortController();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    redshift().queue.watch = async (sql) => {
      if (!sql?.startsWith('COPY')) return;
      reach();
      await released;
    };
    // Its sleep never ends: as if the process had died there.
    const dead = await openStandIn(undefined, { s3: async () => objects.s3, sleep: () => new Promise(() => {}) });
    void dead.copy(sources, { signal: lost.signal }).catch(() => undefined);
    await reached;
    const before = loads();
    const next = (await open()).copy(sources);
    setTimeout(release, 300);
    await expect(next).resolves.toMatchObject({ status: 'already-loaded', counts: { inserted: 1 } });
    expect(loads()).toBe(before);
  });

  it('finds statements by their name on later pages too, up to a limit', async () => {
    const api = createRedshiftData({ region });
    const target = { workgroup: 'flights', database: 'dev' };
    const { queue } = redshift();
    const submit = (name: string) => queue.submit({ sqls: ['SELECT 1'], isBatch: false, parameters: {}, name });
    redshift().pageStatements = 1;
    const made = ['mlops-load-x', 'mlops-load-xy', 'mlops-load-x'].map(submit);
    const found = await api.list(target, 'mlops-load-x');
    expect(found.map(({ id }) => id).sort()).toEqual([made[0]?.id, made[2]?.id].sort());
    for (let at = 0; at < 20; at += 1) made.push(submit('mlops-load-x'));
    expect(await api.list(target, 'mlops-load-x')).toHaveLength(19);
    await made.at(-1)?.ended;
  });

  it('tries again when Redshift gives way to another transaction', async () => {
    let failures = 2;
    redshift().queue.watch = (sql) => {
      if (sql?.startsWith('MERGE') && failures-- > 0)
        throw new Error('ERROR: 1023 DETAIL: Serializable isolation violation on table in Redshift');
    };
    await expect((await open()).copy(list([record('a', 'x', day(1))]))).resolves.toMatchObject({ status: 'loaded' });
    expect(failures).toBe(-1);
  });

  it('goes on when it is throttled', async () => {
    for (const call of ['ExecuteStatement', 'BatchExecuteStatement', 'DescribeStatement', 'GetStatementResult'])
      redshift().throttle.set(call, 1);
    await expect((await open()).copy(list([record('a', 'x', day(1))]))).resolves.toMatchObject({ status: 'loaded' });
  });
});

describe('Ctrl-C', () => {
  it('cancels at Ctrl-C, and nothing is loaded', async () => {
    const stop = new AbortController();
    const warehouse = await open();
    await warehouse.init();
    redshift().queue.watch = async (sql) => {
      if (!sql?.startsWith('MERGE')) return;
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 200));
    };
    await expect(warehouse.copy(list([record('a', 'x', day(1))]), { signal: stop.signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(redshift().seen).toContain('CancelStatement');
    expect(await held()).toHaveLength(0);
  });

  it('cancels what was being submitted', async () => {
    const stop = new AbortController();
    const warehouse = await open();
    await warehouse.init();
    const { promise: accepted, resolve: accept } = Promise.withResolvers<void>();
    redshift().queue.watch = (sql) => (sql?.startsWith('COPY') ? accepted : undefined);
    redshift().answering = (action) => {
      if (action === 'BatchExecuteStatement') stop.abort();
      if (action === 'CancelStatement') accept();
    };
    const load = warehouse.copy(list([record('a', 'x', day(1))]), { signal: stop.signal });
    const { id, ended } = await load.then(
      () => Promise.reject(new Error('It was loaded')),
      () => redshift().queue.all.at(-1) as { id: string; ended: Promise<void> },
    );
    await ended;
    await expect(load).rejects.toMatchObject({
      ...{ code: 'INTERRUPTED', exitCode: 130 },
      why: `Statement ${id} was cancelled: nothing was changed.`,
    });
    expect(redshift().queue.find(id)?.status).toBe('ABORTED');
    expect(await held()).toHaveLength(0);
  });

  it('says which statement goes on when it may not be cancelled', async () => {
    const stop = new AbortController();
    const warehouse = await open();
    await warehouse.init();
    const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
    redshift().queue.watch = async (sql) => {
      if (!sql?.startsWith('MERGE')) return;
      stop.abort();
      await goesOn;
    };
    redshift().forbidden.add('CancelStatement');
    const sources = list([record('a', 'x', day(1))]);
    const error: unknown = await warehouse.copy(sources, { signal: stop.signal }).catch((reason: unknown) => reason);
    const id = redshift().queue.all.at(-1)?.id;
    expect(error).toMatchObject({
      ...{ code: 'INTERRUPTED', exitCode: 130 },
      why: expect.stringMatching(`^Statement ${id} was to be cancelled: .* It may still run, and commit.$`),
      actions: expect.arrayContaining([`See how it ends: aws redshift-data describe-statement --id ${id}`]),
    });
    goOn();
    redshift().queue.watch = () => {};
    // The next run finds it by its name, and waits for it.
    expect(await warehouse.copy(sources)).toMatchObject({ status: 'already-loaded', counts: { inserted: 1 } });
  });
});
