import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

// The built one: plain Node runs it, in a process that may be signalled.
const signals = new URL('../../../dist/lib/platform/process/signals.js', import.meta.url).href;

test('the first signal asks to stop, the second to give up, the third ends the process', async () => {
  const script = `
    const { watchInterrupts } = await import(${JSON.stringify(signals)});
    const { interrupts } = watchInterrupts();
    interrupts.stop.addEventListener('abort', () => console.log('stop ' + interrupts.stop.reason));
    interrupts.giveUp.addEventListener('abort', () => console.log('give up ' + interrupts.giveUp.reason));
    console.log('ready');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  expect(await next()).toBe('ready');
  child.kill('SIGINT');
  expect(await next()).toBe('stop SIGINT');
  child.kill('SIGTERM');
  expect(await next()).toBe('give up SIGTERM');
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
});
