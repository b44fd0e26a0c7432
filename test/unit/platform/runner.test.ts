import { expect, test } from 'vitest';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';

const runner = createProcessRunner();
const node = process.execPath;

test('runs a program to its end; a non-zero exit is a result', async () => {
  const script = "process.stdout.write('out'); process.stderr.write('err'); process.exitCode = 7";
  expect(await runner.run(node, ['-e', script])).toEqual({ exitCode: 7, stdout: 'out', stderr: 'err' });
});

test('arguments reach the program as they are: no shell reads them', async () => {
  const hostile = '$(touch /tmp/never) `id` "; rm -rf x #';
  const { stdout } = await runner.run(node, ['-e', 'console.log(process.argv[1])', '--', hostile]);
  expect(stdout).toBe(hostile);
});

test('stdin is empty unless given', async () => {
  const script =
    "process.stdin.on('data', (d) => process.stdout.write(d)).on('end', () => process.stdout.write('end'))";
  expect((await runner.run(node, ['-e', script])).stdout).toBe('end');
  expect((await runner.run(node, ['-e', script], { input: 'typed ' })).stdout).toBe('typed end');
});

test('a program runs in a process group of its own: Ctrl-C in the terminal does not cut it off', async () => {
  const script =
    "require('child_process').execFileSync('ps', ['-o', 'pgid=,pid=', '-p', String(process.pid)], { stdio: 'inherit' })";
  const { stdout } = await runner.run(node, ['-e', script]);
  const [group, pid] = stdout.trim().split(/\s+/);
  expect(Number(group)).toBe(Number(pid));
});

test('a missing program is a missing prerequisite', async () => {
  const missing = { code: 'PROGRAM_MISSING', exitCode: 5 };
  await expect(runner.run('no-such-program-here', [])).rejects.toMatchObject(missing);
  await expect(runner.start('no-such-program-here', [])).rejects.toMatchObject(missing);
});

test('a started program hands over its lines, keeps the tail of stderr, and stops when told', async () => {
  const script = `
    process.on('SIGTERM', () => process.exit(3));
    process.stderr.write('x'.repeat(10000) + 'the end', () => console.log('ready'));
    setInterval(() => console.log('more'), 5);
  `;
  const started = await runner.start(node, ['-e', script]);
  for await (const line of started.stdoutLines) {
    expect(line).toBe('ready');
    break;
  }
  await started.stop();
  const { exitCode, stderrTail } = await started.exited;
  expect(exitCode).toBe(3);
  expect(stderrTail).toHaveLength(4096);
  expect(stderrTail).toMatch(/the end$/);
});

test('bytes come as they are, and a program whose bytes nobody reads any more can be stopped', async () => {
  const script = 'process.stdout.write(Buffer.from([0, 255, 10, 13, 10])); process.stdout.write(Buffer.alloc(1e6, 7))';
  const started = await runner.start(node, ['-e', script]);
  const parts: Uint8Array[] = [];
  for await (const part of started.stdoutBytes) parts.push(part);
  const bytes = Buffer.concat(parts);
  expect([...bytes.subarray(0, 6)]).toEqual([0, 255, 10, 13, 10, 7]);
  expect(bytes).toHaveLength(1_000_005);

  const endless = await runner.start(node, [
    '-e',
    'const go = () => process.stdout.write(Buffer.alloc(1e5), go); go()',
  ]);
  for await (const _part of endless.stdoutBytes) break;
  await endless.stop('SIGKILL');
  expect((await endless.exited).exitCode).not.toBe(0);
});

test('a program that ignores SIGTERM is killed', async () => {
  const started = await runner.start(node, [
    '-e',
    "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 50)",
  ]);
  for await (const _line of started.stdoutLines) break;
  await started.stop('SIGTERM', 50);
  expect((await started.exited).exitCode).toBeUndefined();
});
