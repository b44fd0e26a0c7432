import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';
import { lines, makeRecord } from '../support/warehouse/records.js';

it('makes, loads and asks, as text and as JSON', async () => {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'in'));
  await writeFile(join(cwd, 'in', 'a.jsonl'), lines([makeRecord(1), makeRecord(2)]));
  await writeFile(join(cwd, 'count.sql'), 'SELECT count(*) AS n FROM transcription_results');
  const run = (...args: string[]) => runCli(['warehouse', ...args], { cwd });

  const ddl = await run('init', '--dry-run');
  expect(ddl.stdout).toContain('CREATE TABLE IF NOT EXISTS "transcription_results"');
  const manifest = await run('copy', 'in', '--dry-run');
  expect(manifest.stdout).toMatch(/^Load [0-9a-f]{64}: 1 of jsonl, .*\n {2}\S+a\.jsonl/);
  const nothing = await run('query', '--file', 'count.sql', '--json');
  expect([nothing.exitCode, JSON.parse(nothing.stdout)]).toMatchObject([2, { error: { code: 'WAREHOUSE_MISSING' } }]);

  const copied = await run('copy', 'in', '--json');
  expect([copied.exitCode, JSON.parse(copied.stdout)]).toMatchObject([0, { status: 'loaded', loads: [{ files: 1 }] }]);
  expect((await run('copy', 'in')).stdout).toContain('nothing to do');
  expect((await run('query', '--file', 'count.sql', '--json')).stdout).toBe('{"n":2}\n');
  const asked = await runCli(['warehouse', 'query', '-', '--format', 'csv'], {
    cwd,
    input: 'SELECT 1 AS a, NULL AS b',
  });
  expect(asked).toMatchObject({ exitCode: 0, stdout: 'a,b\n1,\n' });

  await writeFile(join(cwd, 'in', 'b.jsonl'), '{}\n');
  const bad = await run('copy', 'in', '--json');
  expect([bad.exitCode, JSON.parse(bad.stdout)]).toMatchObject([
    1,
    { error: { code: 'BAD_RECORD', why: expect.any(String) } },
  ]);
});
