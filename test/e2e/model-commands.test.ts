import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { global, pickle, proto, stop, unicode } from '../support/pickle-bytes.js';
import { expectedPickles, picklePath } from '../support/pickles.js';
import { tempDir } from '../support/temp-dir.js';

const name = 'sk1.9.1-multi-strings-p5.pkl';

describe('mlops model', () => {
  test('inspect shows the bundled model, as text and as JSON', async () => {
    const text = await runCli(['model', 'inspect']);
    expect(text).toMatchObject({ exitCode: 0, stderr: '' });
    expect(text.stdout).toContain('flight-delay, version 1');
    const json = await runCli(['model', 'inspect', 'flight-delay', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ name: 'flight-delay', inputs: [{ shape: [-1, 37] }] });
  });

  test('import, inspect and predict follow on each other', async () => {
    const cwd = await tempDir();
    const imported = await runCli(['model', 'import', picklePath(name), '--output', 'm.onnx', '--json'], { cwd });
    expect(imported).toMatchObject({ exitCode: 0, stderr: '' });
    const { sha256, classes } = JSON.parse(imported.stdout);
    const inspected = await runCli(['model', 'inspect', 'm.onnx', '--json'], { cwd });
    expect(JSON.parse(inspected.stdout)).toMatchObject({ sha256, classes, card: { sha256 } });
    const expected = expectedPickles.get(name);
    const input = JSON.stringify(expected?.rows);
    const predicted = await runCli(['predict', 'm.onnx', '--input', '-'], { cwd, input });
    expect(predicted.stdout).toBe(`label\n${expected?.labels.join('\n')}\n`);
    const again = await runCli(['model', 'import', picklePath(name), '--output', 'm.onnx'], { cwd });
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('--force');
  });

  test('a compressed file that unpacks to 240 MiB is in memory once, not twice', async () => {
    const bomb = join(await tempDir(), 'bomb.joblib');
    await writeFile(bomb, deflateSync(Buffer.alloc(240 * 2 ** 20)));
    const readPickle = join(import.meta.dirname, '..', '..', 'dist', 'lib', 'model', 'pickle', 'read-pickle.js');
    const script = `
      import { readFileSync } from 'node:fs';
      import { readPickle } from ${JSON.stringify(readPickle)};
      try { readPickle(readFileSync(${JSON.stringify(bomb)})); } catch ({ code }) { console.log(code); }
      console.log(process.resourceUsage().maxRSS);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const [code, kibibytes] = stdout.split('\n');
    expect(code).toBe('PICKLE_INVALID');
    expect(Number(kibibytes) / 1024).toBeLessThan(400);
  });

  test('a pickle that would run a command is refused by name, nothing is written and nothing runs', async () => {
    const cwd = await tempDir();
    const command = unicode('touch owned');
    await writeFile(join(cwd, 'bad.pkl'), pickle(proto(2), global('os', 'system'), command, '\x85R', stop));
    const result = await runCli(['model', 'import', 'bad.pkl', '--output', 'm.onnx', '--json'], { cwd });
    expect(result.exitCode).toBe(2);
    const { error } = JSON.parse(result.stdout);
    expect(error).toMatchObject({ code: 'PICKLE_GLOBAL_REFUSED', exitCode: 2 });
    expect(error.message).toContain('os.system is not on the allow-list');
    for (const file of ['owned', 'm.onnx']) await expect(readFile(join(cwd, file))).rejects.toThrow('ENOENT');
  });
});

describe('mlops predict', () => {
  const row = Array.from({ length: 37 }, (_, index) => ([12, 23, 31].includes(index) ? 1 : 0)).join(',');

  test('--json is one object a line, the error is the last of them', async () => {
    const result = await runCli(['predict', '--input', '-', '--json'], { input: `${row}\n${row}\n1,2\n` });
    const lines = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { label: expect.any(Number) },
      { label: expect.any(Number) },
      { error: expect.objectContaining({ code: 'INVALID_ROWS', exitCode: 2 }) },
    ]);
    expect(result).toMatchObject({ exitCode: 2, stderr: '' });
  });

  test('--output prints where the predictions are', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'rows.csv'), `${row}\n${row}\n`);
    const text = await runCli(['predict', '--input', 'rows.csv', '--output', 'out.csv'], { cwd });
    expect(text).toMatchObject({ exitCode: 0, stdout: `${join(cwd, 'out.csv')}\n` });
    const json = await runCli(['predict', '--input', 'rows.csv', '--output', 'out.csv', '--json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ rows: 2, output: join(cwd, 'out.csv') });
    expect((await readFile(join(cwd, 'out.csv'), 'utf8')).split('\n')).toHaveLength(4);
  });
});

describe('mlops model list and pull', () => {
  test('the list is of the catalog, and looks into the cache that the environment names', async () => {
    const cacheDir = await tempDir();
    const env = { MLOPS_CACHE: cacheDir };
    const json = await runCli(['model', 'list', '--json'], { env });
    expect(json).toMatchObject({ exitCode: 0, stderr: '' });
    const list = JSON.parse(json.stdout);
    expect(list.cacheDir).toBe(cacheDir);
    expect(list.models).toMatchObject([
      { name: 'flight-delay', kind: 'tabular', license: { name: 'MIT' } },
      { name: 'moonshine-tiny', kind: 'speech', license: { name: 'MIT' }, path: null },
    ]);
    expect((await runCli(['model', 'list'], { env })).stdout).toContain('not fetched');
  });

  test('offline and not there: exit 5, and the command that fetches it', async () => {
    const env = { MLOPS_CACHE: await tempDir() };
    const result = await runCli(['model', 'pull', 'moonshine-tiny', '--offline', '--json'], { env });
    expect(result.exitCode).toBe(5);
    expect(JSON.parse(result.stdout).error).toMatchObject({
      code: 'MODEL_NOT_CACHED',
      actions: ['mlops model pull moonshine-tiny'],
    });
  });

  test('a registry that nobody answers at is a missing prerequisite, and its address comes from npm', async () => {
    const env = { MLOPS_CACHE: await tempDir(), npm_config_registry: 'http://127.0.0.1:9/' };
    const result = await runCli(['model', 'pull', 'moonshine-tiny'], { env });
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toContain('from the npm registry 127.0.0.1:9');
  });

  test('commands that want rows say that a speech model takes recordings', async () => {
    const result = await runCli(['predict', 'moonshine-tiny', '--input', '-'], { input: '' });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('mlops transcribe RECORDING --model moonshine-tiny');
  });
});
