import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { loadProject } from '../../../src/lib/project/project.js';
import { loadableOutput, loadTranscripts } from '../../../src/lib/recordings/load-transcripts.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

it('loads what lies in the output, and again only what is new', async () => {
  const dir = await tempDir();
  const output = loadableOutput({ format: 'jsonl', output: 'transcripts' });
  await mkdir(join(dir, output));
  await writeFile(join(dir, output, 'a.jsonl'), lines([makeRecord(1)]));
  const env = { MLOPS_WAREHOUSE_TABLE: 'calls' };
  const where = { output, cwd: dir, env, project: await loadProject(dir), signal: new AbortController().signal };
  const first = await loadTranscripts(where, silentReporter);
  await writeFile(join(dir, output, 'b.jsonl'), lines([makeRecord(2)]));
  const second = await loadTranscripts(where, silentReporter);
  const third = await loadTranscripts(where, silentReporter);
  expect([first, second, third].map(({ status, loads }) => [status, loads[0]?.table, loads[0]?.counts])).toEqual([
    ['loaded', 'calls', { rowsInFiles: 1, staged: 1, duplicates: 0, stale: 0, inserted: 1, updated: 0 }],
    ['loaded', 'calls', { rowsInFiles: 2, staged: 2, duplicates: 0, stale: 1, inserted: 1, updated: 0 }],
    ['already-loaded', 'calls', { rowsInFiles: 2, staged: 2, duplicates: 0, stale: 1, inserted: 1, updated: 0 }],
  ]);
});

it('takes JSON lines only, and a prefix of S3 as a folder', async () => {
  expect(loadableOutput({ format: 'jsonl', output: 's3://bucket/out' })).toBe('s3://bucket/out/');
  for (const format of ['csv', 'srt', 'table'] as const) {
    expect((await errorOf(() => loadableOutput({ format, output: 'x' }))).code).toBe('FORMAT_NOT_LOADED');
  }
});
