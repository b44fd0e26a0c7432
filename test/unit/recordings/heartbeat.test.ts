import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keepInvisible } from '../../../src/lib/recordings/queue/heartbeat.js';
import { testDeps } from '../../support/recordings/deps.js';
import { FakeQueue } from '../../support/recordings/fake-queue.js';

const message = { id: 'm1', body: '', receipt: 'm1', receiveCount: 1 };

test('the end that comes while a sign of life is on its way is the end', async () => {
  const queue = new FakeQueue();
  let answer = () => {};
  const asked = new Promise<void>((resolveAsked) => {
    queue.changeVisibility = async () => {
      queue.calls.push('visibility');
      resolveAsked();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return true;
    };
  });
  // Does not look at the signal, as a sleep that began after the abort may not.
  const letGo = keepInvisible(queue, message, 2, { ...testDeps(), sleep: () => sleep(1) });
  await asked;
  const gone = letGo();
  answer();
  await gone;
  await sleep(10);
  expect(queue.calls).toEqual(['visibility']);
});
