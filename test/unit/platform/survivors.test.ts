import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { tempDir } from '../../support/temp-dir.js';

const runner = createProcessRunner();
const node = process.execPath;
const survives = { survives: true };

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

test('its lines are read as they come, to the last one, whatever their size', async () => {
  const script = `
    console.log('first');
    process.stdout.write('ü'.repeat(100000) + '\\n');
    setTimeout(() => { process.stderr.write('why'); process.stdout.write('no newline at the end'); process.exitCode = 4; }, 80);
  `;
  const started = await runner.start(node, ['-e', script], survives);
  const lines = await all(started.stdoutLines);
  expect(lines.map((line) => line.length)).toEqual([5, 100_000, 21]);
  expect(lines[1]).toBe('ü'.repeat(100_000));
  expect(await started.exited).toEqual({ exitCode: 4, stderrTail: 'why' });
});

test('it gets the one signal that is sent, and time to finish', async () => {
  const script = `
    let signals = 0;
    process.on('SIGINT', () => { signals += 1; setTimeout(() => { console.log('signals ' + signals); process.exit(1); }, 150); });
    console.log('up');
    setInterval(() => {}, 50);
  `;
  const started = await runner.start(node, ['-e', script], survives);
  const lines: string[] = [];
  for await (const line of started.stdoutLines) {
    lines.push(line);
    if (line === 'up') started.send('SIGINT');
  }
  expect(lines).toEqual(['up', 'signals 1']);
  expect((await started.exited).exitCode).toBe(1);
  started.send('SIGINT');
});

test('it is in a process group of its own, so that Ctrl-C in the terminal does not reach it', async () => {
  const script =
    "require('child_process').execFileSync('ps', ['-o', 'pgid=', '-p', String(process.pid)], { stdio: 'inherit' })";
  const started = await runner.start(node, ['-e', script], survives);
  const [group = ''] = await all(started.stdoutLines);
  expect(Number(group)).toBe(started.pid);
});

test('it goes on and can still write when the process that started it is killed', async () => {
  const dir = await tempDir();
  const mark = join(dir, 'done');
  const child = `
    process.stdout.on('error', () => process.exit(9));
    setTimeout(() => { console.log('still writing'); require('fs').writeFileSync(${JSON.stringify(mark)}, 'yes'); }, 300);
  `;
  // The built one: plain Node runs it.
  const runnerModule = new URL('../../../dist/lib/platform/process/runner.js', import.meta.url).href;
  const parent = `
    const { createProcessRunner } = await import(${JSON.stringify(runnerModule)});
    await createProcessRunner().start(process.execPath, ['-e', ${JSON.stringify(child)}], { survives: true });
    process.kill(process.pid, 'SIGKILL');
  `;
  const killed = await runner.run(node, ['--input-type=module', '-e', parent]);
  expect(killed.exitCode, killed.stderr).toBeUndefined();
  for (let round = 0; round < 100 && !existsSync(mark); round += 1) await sleep(30);
  expect(readFileSync(mark, 'utf8')).toBe('yes');
});
