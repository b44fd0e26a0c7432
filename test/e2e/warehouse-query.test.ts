import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

async function emptyWarehouse(): Promise<readonly string[]> {
  const dir = await tempDir();
  const database = ['--database', join(dir, 'warehouse.duckdb')];
  expect((await runCli(['warehouse', 'init', ...database], { cwd: dir })).exitCode).toBe(0);
  return database;
}

test('a query whose reader goes away ends, however much is to come', async () => {
  const database = await emptyWarehouse();
  const endless = 'SELECT range FROM range(1000000000000)';
  const child = spawn(process.execPath, [bin, 'warehouse', 'query', ...database, endless, '--format', 'csv'], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await ended).toEqual([0, null]);
});

test('a query that fails after its first rows says so in the last line and exits with 1', async () => {
  const database = await emptyWarehouse();
  const failing = `SELECT CASE WHEN range > 200000 THEN error('boom') ELSE range END AS x FROM range(300000)`;
  const { exitCode, stdout } = await runCli(['warehouse', 'query', ...database, failing, '--json']);
  const lines = stdout.trimEnd().split('\n');
  expect(exitCode).toBe(1);
  expect(lines[0]).toBe('{"x":0}');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ error: { code: 'QUERY_FAILED' } });
});
