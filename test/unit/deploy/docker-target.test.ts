import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { createDockerTarget } from '../../../src/lib/deploy/docker/docker-target.js';
import { Ledger } from '../../../src/lib/deploy/docker/ledger.js';
import { startProber } from '../../../src/lib/deploy/docker/prober.js';
import type { Release } from '../../../src/lib/deploy/target.js';
import { freePort } from '../../support/deploy/docker.js';
import { type Behaviour, type FakeDocker, fakeDocker } from '../../support/deploy/fake-docker.js';
import { release as common } from '../../support/deploy/fake-target.js';
import { errorOf } from '../../support/errors.js';

const stop = new AbortController().signal;
const images: Readonly<Record<string, Behaviour>> = {
  one: 'right',
  two: 'right',
  'one-again': 'right',
  ends: 'ends',
  hungry: 'out-of-memory',
  slow: 'never-ready',
};

async function setUp(given: { bindsOnStartOnly?: boolean } = {}, timeoutMs = 5_000) {
  const fake = fakeDocker(images, given);
  const hostPort = await freePort();
  const target = (port = hostPort) => targetOn(fake, port, timeoutMs);
  return { fake, hostPort, target };
}

function targetOn({ docker, networks, volumes }: FakeDocker, hostPort: number, timeoutMs: number) {
  const ledger = new Ledger('demo', volumes);
  const now = () => new Date('2026-01-02T03:04:05Z');
  const timing = { warmUpMs: 1, boundMs: 100 };
  const self = { host: 'here', pid: 1 };
  const isAlive = () => true;
  return createDockerTarget(
    { docker, networks, ledger, reporter: silentReporter, service: 'demo', timeoutMs, now, timing, self, isAlive },
    { hostPort },
  );
}

type Target = ReturnType<typeof targetOn>;

async function deploy(target: Target, image: string, overrides: Partial<Release> = {}) {
  const rolledOut = await target.rollOut({ ...common, image, ...overrides }, stop);
  const promoted = await target.promote(rolledOut);
  await target.record(promoted.revision, 'serving');
  return promoted;
}

const history = async (target: Target) =>
  (await target.status()).history.map(({ revision, result }) => `${revision} ${result}`);

test('the first one is checked on a free port, then started on the fixed one', async () => {
  const { fake, hostPort, target } = await setUp();
  const first = target();
  const rolledOut = await first.rollOut({ ...common, image: 'one' }, stop);
  await first.reach(rolledOut, async ({ url }) => expect(url).not.toContain(String(hostPort)), stop);
  expect(await first.promote(rolledOut)).toEqual({ revision: 1, endpoint: `http://127.0.0.1:${hostPort}` });
  expect(fake.calls).toEqual(['run demo-r1-candidate', 'remove demo-r1-candidate', 'run demo-r1']);
});

describe('replacing', () => {
  test('the new one is up before the old one stops; connecting it binds the port', async () => {
    const { fake, target } = await setUp();
    await deploy(target(), 'one');
    fake.calls.length = 0;
    const promoted = await deploy(target(), 'two');
    expect(promoted).toMatchObject({ revision: 2, gapMs: expect.any(Number) });
    expect(fake.calls.slice(2)).toEqual(['run demo-r2 on demo-waiting', 'stop demo-r1', 'connect demo-r2 to bridge']);
    expect([...(fake.containers.get('demo-r2')?.networks ?? [])]).toEqual(['bridge']);
    expect(await history(target())).toEqual(['2 serving', '1 replaced']);
  });

  test('a daemon that binds ports only at the start gets a restart', async () => {
    const { fake, target } = await setUp({ bindsOnStartOnly: true });
    await deploy(target(), 'one');
    await deploy(target(), 'two');
    expect(fake.calls.slice(-3)).toEqual(['connect demo-r2 to bridge', 'stop demo-r2', 'start demo-r2']);
    expect(await target().status()).toMatchObject({ revision: 2, replicas: { ready: 1 } });
  });

  test('on another port both run until the new one answers', async () => {
    const { fake, target } = await setUp();
    await deploy(target(), 'one');
    fake.calls.length = 0;
    const other = await freePort();
    const promoted = await deploy(target(other), 'one');
    expect(promoted).toEqual({ revision: 2, endpoint: `http://127.0.0.1:${other}` });
    expect(fake.calls.slice(2)).toEqual(['run demo-r2', 'stop demo-r1']);
  });
});

describe('what keeps a revision from becoming ready is said in words', () => {
  test.each([
    ['ends', 'ended with exit code 1'],
    ['hungry', 'killed for memory: the limit is 1Gi'],
    ['slow', '/readyz answers 503'],
  ])('%s', async (image, words) => {
    const { target } = await setUp({}, 200);
    const failing = target();
    // A container that has ended has no port any more; one that runs is asked until the time is over.
    const error = await errorOf(() => failing.rollOut({ ...common, image }, stop));
    expect(error).toMatchObject({ exitCode: 1, revision: 1 });
    expect(`${error.message}\n${error.why}`).toContain(image === 'slow' ? words : 'its last words');
    expect(`${error.message}\n${error.why}`).toContain(words);
  });
});

describe('going back', () => {
  test('when the new one was never let in, takes it away and leaves the old one alone', async () => {
    const { fake, target } = await setUp();
    await deploy(target(), 'one');
    const second = target();
    await second.rollOut({ ...common, image: 'two' }, stop);
    fake.calls.length = 0;
    expect(await second.restore(1, stop)).toMatchObject({ revision: 1 });
    await second.record(2, 'failed', 'not equal');
    expect(fake.calls).toEqual(['remove demo-r2-candidate']);
    expect(await history(target())).toEqual(['2 failed', '1 serving']);
  });

  test('when it fails on the fixed port, takes it away and starts the old one', async () => {
    const { fake, target } = await setUp();
    await deploy(target(), 'one');
    const second = target();
    const rolledOut = await second.rollOut({ ...common, image: 'two' }, stop);
    const connect = fake.networks.connect;
    Object.assign(fake.networks, { connect: () => Promise.reject(new Error('no address left')) });
    await expect(second.promote(rolledOut)).rejects.toThrow('no address left');
    Object.assign(fake.networks, { connect });
    expect(await second.restore(1, stop)).toMatchObject({ revision: 1 });
    expect([...fake.containers.keys()]).toEqual(['demo-r1']);
    expect(await target().status()).toMatchObject({ revision: 1 });
  });

  test('makes a container that was pruned again, unless its image is gone too', async () => {
    const { fake, target } = await setUp();
    await deploy(target(), 'one');
    await deploy(target(), 'two');
    fake.containers.delete('demo-r1');
    expect(await target().restore(1, stop)).toMatchObject({ revision: 1 });
    Object.assign(fake.docker, { inspectImage: async () => undefined });
    fake.containers.delete('demo-r2');
    expect(await errorOf(() => target().restore(2, stop))).toMatchObject({ code: 'IMAGE_GONE', exitCode: 1 });
    expect(await errorOf(() => target().restore(7, stop))).toMatchObject({ code: 'NO_SUCH_REVISION', exitCode: 2 });
  });
});

test('the first one that fails is taken away, and nothing is left', async () => {
  const { fake, target } = await setUp({}, 100);
  const first = target();
  await errorOf(() => first.rollOut({ ...common, image: 'slow' }, stop));
  expect(await first.leave('failed')).toMatchObject({
    sentences: ['Removed: demo-r1-candidate.', 'No container is left.'],
  });
  expect(fake.containers.size).toBe(0);
});

test('an interrupt that comes when nothing serves says how to bring back what did', async () => {
  const { target } = await setUp();
  await deploy(target(), 'one');
  const second = target();
  await second.rollOut({ ...common, image: 'two' }, stop);
  const left = await second.leave('interrupted');
  expect(left.sentences[1]).toMatch(/^Revision 1 serves at http:.*, as before\.$/);
});

test('an image that was built again without a change changes nothing', async () => {
  const { fake, target } = await setUp();
  await deploy(target(), 'one');
  const { inspectImage } = fake.docker;
  const rebuilt = (id: string) => Object.assign(fake.docker, { inspectImage: () => inspectImage(id) });
  rebuilt('one-again');
  expect(await target().preview({ ...common, image: 'one' })).toMatchObject({ hasChanges: false });
  rebuilt('two');
  expect(await target().preview({ ...common, image: 'one' })).toMatchObject({ hasChanges: true });
});

test('one that was stopped by somebody is still what served: a deploy goes back to it, and not to one that was rolled back', async () => {
  const { fake, target } = await setUp();
  await deploy(target(), 'one');
  await deploy(target(), 'two');
  await target().restore(1, stop);
  await target().record(2, 'rolled-back');
  await target().record(1, 'serving');
  await fake.docker.stop('demo-r1', 1);
  expect(await target().status()).toMatchObject({ revision: 1, replicas: { ready: 0, wanted: 1 } });
  const next = target();
  await next.rollOut({ ...common, image: 'two' }, stop);
  const left = await next.leave('interrupted');
  expect(left.sentences.at(-1)).toBe('Nothing serves: revision 1, the last that did, is stopped.');
  expect(left.actions[0]).toBe('mlops rollback --target docker --to 1');
  expect(await target().restore(1, stop)).toMatchObject({ revision: 1 });
  expect(await target().status()).toMatchObject({ revision: 1, replicas: { ready: 1 } });
});

test('ten revisions are kept, and what serves', async () => {
  const { fake, target } = await setUp();
  for (let revision = 1; revision <= 12; revision++) {
    const one = target();
    await one.rollOut({ ...common, image: 'one' }, stop);
    await one.record(revision, revision === 1 ? 'serving' : 'failed');
    await fake.docker.remove(`demo-r${revision}-candidate`);
  }
  const kept = await history(target());
  expect(kept).toHaveLength(10);
  expect((await new Ledger('demo', fake.volumes).entries()).at(-1)).toMatchObject({ revision: 1, result: 'serving' });
});

test('without the ledger, containers tell what they can', async () => {
  const { fake, target } = await setUp();
  await deploy(target(), 'one');
  await fake.volumes.remove('demo-r1');
  expect(await history(target())).toEqual(['1 serving']);
});

test('two deploys at once are kept apart, until the first one has ended', async () => {
  const { fake, target } = await setUp();
  const first = target();
  await first.hold?.({ ...common, image: 'one' });
  expect(await errorOf(() => target().hold?.({ ...common, image: 'two' }))).toMatchObject({ code: 'DEPLOY_UNDERWAY' });
  await deploy(first, 'one');
  // A rollback has no image to make the lock of but those that it knows.
  expect(await errorOf(() => target().hold?.(undefined))).toMatchObject({ code: 'DEPLOY_UNDERWAY' });
  await first.close?.();
  await target().hold?.(undefined);
  expect(fake.containers.has('demo-lock')).toBe(true);
  expect(await target().status()).toMatchObject({ revision: 1 });
});

test('what a swap that was killed has left beside the one that serves is taken away', async () => {
  const { fake, target } = await setUp();
  await deploy(target(), 'one');
  const killed = target();
  const rolledOut = await killed.rollOut({ ...common, image: 'two' }, stop);
  Object.assign(fake.docker, { stop: () => new Promise(() => {}) });
  void killed.promote(rolledOut);
  while (!fake.calls.includes('run demo-r2 on demo-waiting')) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await target().status()).toMatchObject({ revision: 1 });
  await target().rollOut({ ...common, image: 'two' }, stop);
  expect([...fake.containers.keys()]).toEqual(['demo-r1', 'demo-r2-candidate']);
});

test('replaced, or stopped by hand, it has the time for its drain', async () => {
  const { fake, target } = await setUp();
  await deploy(target(), 'one', { drainMs: 31_000 });
  expect(fake.containers.get('demo-r1')?.options.stopTimeoutS).toBe(36);
  await deploy(target(), 'two');
  expect(fake.graces.get('demo-r1')).toBe(36);
});

test('a memory limit that Docker would not take is refused', async () => {
  const { target } = await setUp();
  const release = { ...common, image: 'one', resources: { cpu: '1', memory: '1Mi' } };
  expect(await errorOf(() => target().rollOut(release, stop))).toMatchObject({ code: 'MEMORY_TOO_SMALL', exitCode: 2 });
});

test('the prober finds the time in which nothing answered', async () => {
  let isOpen = true;
  const server = createServer((_request, response) => (isOpen ? response.end('{}') : response.socket?.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  let clock = 0;
  const prober = startProber(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`, () => clock);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  await pause();
  isOpen = false;
  await pause();
  clock = 700;
  isOpen = true;
  await pause();
  expect(prober.stop()).toBe(700);
});
