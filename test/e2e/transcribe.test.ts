import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';

// Without a model: what needs one is in test/integration/recordings.

async function folder(): Promise<string> {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'rec'));
  await writeFile(join(cwd, 'rec', 'a.wav'), 'one');
  await writeFile(join(cwd, 'rec', 'b.wav'), 'two');
  await writeFile(join(cwd, 'rec', 'notes.txt'), 'no');
  return cwd;
}

test.each([
  [[], 'SOURCE_REQUIRED'],
  [['rec/none.wav'], 'SOURCE_MISSING'],
  [['rec', '--format', 'srt'], 'OUTPUT_REQUIRED'],
  [['rec', '--format', 'table', '--output', 'out'], 'FORMAT_NOT_A_FILE'],
  [['rec', '--output', 'rec/a.wav'], 'OUTPUT_NOT_WRITABLE'],
  [['rec', '--model', 'nothing', '--dry-run'], 'MODEL_NOT_FOUND'],
  [['--queue', 'https://sqs.us-east-1.amazonaws.com/1/q'], 'OUTPUT_REQUIRED'],
  [['s3://b', '--dry-run'], 'S3_URL_INVALID'],
  [['rec', '--bogus'], 'USAGE'],
])('%j is wrong usage: %s', async (args, code) => {
  const { exitCode, stdout } = await runCli(['transcribe', ...args, '--json'], { cwd: await folder() });
  expect(JSON.parse(stdout).error).toMatchObject({ code, exitCode: 2 });
  expect(exitCode).toBe(2);
});

test('a dry run needs no model and writes nothing', async () => {
  const cwd = await folder();
  const args = ['transcribe', 'rec', '--output', 'out', '--format', 'vtt', '--dry-run'];
  const { exitCode, stdout, stderr } = await runCli([...args, '--json'], { cwd });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    planned: [
      { source: 'rec/a.wav', bytes: 3, result: 'out/a.wav.vtt' },
      { source: 'rec/b.wav', bytes: 3, result: 'out/b.wav.vtt' },
    ],
    skipped: [{ source: 'rec/notes.txt', reason: 'not audio' }],
    failed: [],
  });
  expect(stderr).toBe('Skipped: rec/notes.txt (not audio)\n');
  expect((await runCli(args, { cwd })).stdout).toContain('rec/a.wav (3 B) -> out/a.wav.vtt\n');
  expect(await readdir(cwd)).toEqual(['rec']);
});

test('without a model and not allowed to fetch it, exit 5', async () => {
  const cwd = await folder();
  const env = { MLOPS_CACHE: join(cwd, 'cache') };
  const { exitCode, stdout } = await runCli(['transcribe', 'rec', '--offline', '--json'], { cwd, env });
  expect(exitCode).toBe(5);
  expect(JSON.parse(stdout).error.code).toBe('MODEL_NOT_CACHED');
});
