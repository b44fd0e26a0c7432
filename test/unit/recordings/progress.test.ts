import { expect, test } from 'vitest';
import { BatchProgress } from '../../../src/lib/recordings/batch/progress.js';
import { createTurns } from '../../../src/lib/recordings/batch/turns.js';
import { defaultThreads } from '../../../src/lib/speech/default-threads.js';

const item = (name: string, bytes: number) => ({
  name,
  source: { kind: 'file', path: name, label: name, bytes } as const,
});

test('throughput counts audio, the time left goes by the bytes of what needs work', () => {
  let now = 0;
  const items = [item('a', 100), item('b', 100), item('c', 300), item('d', 500)];
  const [a, b, c] = items;
  const progress = new BatchProgress(items, () => now);
  expect(progress.line()).toBe('0 of 4');
  progress.begin(items[3] as (typeof items)[0]).dropped();
  const first = progress.begin(a as (typeof items)[0]);
  now = 10_000;
  first.at(60, 60);
  first.made(60);
  // 400 bytes are left, 100 took 10 s.
  expect(progress.line()).toBe('2 of 4 · 1 m 0 s of audio · 6.0x real time · about 40 s left');
  progress.begin(b as (typeof items)[0]).at(30, 60);
  expect(progress.line()).toBe('2 of 4 · 1 m 30 s of audio · 9.0x real time · about 23 s left');
  progress.begin(c as (typeof items)[0]).at(30, undefined);
  expect(progress.line()).toContain('2 m 0 s of audio · 12x real time');
});

test('at most so many have their turn at once, in the order they joined; who leaves before it is passed over', async () => {
  const join = createTurns(2);
  const log: string[] = [];
  const enter = (name: string) => {
    const turn = join();
    void turn.come().then(() => log.push(name));
    return turn;
  };
  const [a, _b, c] = ['a', 'b', 'c', 'd', 'e'].map(enter);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  expect(log.join('')).toBe('ab');
  c?.leave();
  a?.leave();
  await settle();
  expect(log.join('')).toBe('abd');
});

test('as many at once as there are cores, memory and sense', () => {
  const [gib, plenty] = [2 ** 30, 2 ** 40];
  expect(defaultThreads({ cores: 2, memoryBytes: plenty })).toBe(2);
  expect(defaultThreads({ cores: 96, memoryBytes: plenty })).toBe(8);
  expect(defaultThreads({ cores: 8, memoryBytes: gib })).toBe(3);
  expect(defaultThreads({ cores: 8, memoryBytes: 0 })).toBe(1);
});
