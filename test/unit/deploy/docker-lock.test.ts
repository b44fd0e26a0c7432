import { describe, expect, test } from 'vitest';
import { takeLock } from '../../../src/lib/deploy/docker/lock.js';
import { labels } from '../../../src/lib/deploy/docker/spec.js';
import { isAlive, thisProcess } from '../../../src/lib/platform/process/identity.js';
import { fakeDocker } from '../../support/deploy/fake-docker.js';
import { errorOf } from '../../support/errors.js';

const now = () => new Date('2026-01-02T03:04:05Z');

function contenders(alive: readonly number[] = []) {
  const { docker, containers } = fakeDocker({ one: 'right' });
  const take = (pid: number, host = 'here', service = 'demo') => {
    return takeLock('one', { docker, service, self: { host, pid }, isAlive: (other) => alive.includes(other), now });
  };
  return { docker, containers, take };
}

test('of two that ask at once, one gets it; the other is told who has it, and gets it later', async () => {
  const { docker, take } = contenders([1, 2]);
  const both = await Promise.allSettled([take(1), take(2)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const error = await errorOf(() => take(3));
  expect(error).toMatchObject({ code: 'DEPLOY_UNDERWAY', exitCode: 1 });
  expect(error.why).toMatch(/^Process 1 on here has been changing it since 2026-01-02T03:04:05.000Z/);
  await docker.remove('demo-lock');
  expect(await take(3)).toBe('demo-lock');
});

test('another service has another lock', async () => {
  const { take } = contenders([1]);
  await take(1);
  expect(await take(2, 'here', 'other')).toBe('other-lock');
});

describe('the lock of one who ended without giving it back', () => {
  test('is taken over on the same machine', async () => {
    const { take, containers } = contenders();
    await take(1);
    await take(2);
    expect(containers.get('demo-lock')?.options.labels?.[labels.lock]).toContain('"pid":2');
  });

  test('is left alone on another machine, where nobody can know', async () => {
    const { take } = contenders();
    await take(1, 'there');
    const error = await errorOf(() => take(2));
    expect(error).toMatchObject({ code: 'DEPLOY_UNDERWAY' });
    expect(error.actions.at(-1)).toContain('docker rm demo-lock');
  });
});

test('a container of somebody else that has the name is no lock', async () => {
  const { docker, take } = contenders();
  await docker.create({ name: 'demo-lock', image: 'one' });
  expect(await errorOf(() => take(1))).toMatchObject({ code: 'CONTAINER_EXISTS' });
});

test('a process is alive until it has ended', () => {
  expect(isAlive(thisProcess().pid)).toBe(true);
  // Above what Linux and macOS give.
  expect(isAlive(2 ** 30)).toBe(false);
});
