import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/lib/base/errors/exit-codes.js';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';

const support = join(import.meta.dirname, '..', 'support');
const heavy =
  /node_modules\/(@aws-sdk|autocannon|onnxruntime-node|onnxruntime-common|listr2|fastify|pino|prom-client|zod|yaml|execa|onnx-buf|hdr-histogram-js)\//;

async function modulesOf(args: string[]): Promise<string[]> {
  const file = join(await tempDir(), 'modules');
  const recorder = pathToFileURL(join(support, 'record-modules.js')).href;
  const { exitCode } = await runCli(args, { nodeArgs: ['--import', recorder], env: { MODULES_FILE: file } });
  expect(exitCode).toBe(0);
  return (await readFile(file, 'utf8')).split('\n');
}

describe('what loads', () => {
  test('--version loads none of the heavy packages', async () => {
    const modules = await modulesOf(['--version']);
    expect(modules.some((url) => url.includes('@oclif/core'))).toBe(true);
    expect(modules.filter((url) => heavy.test(url))).toEqual([]);
  });

  test('help of a heavy command loads none of them either', async () => {
    expect((await modulesOf(['load-test', '--help'])).filter((url) => heavy.test(url))).toEqual([]);
  });

  test('the recorder does see a heavy package where one is used', async () => {
    expect((await modulesOf(['model', 'inspect'])).filter((url) => heavy.test(url))).not.toEqual([]);
  });
});

describe('exit codes', () => {
  test('--help prints the table', async () => {
    const { stdout, exitCode } = await runCli(['--help']);
    expect(exitCode).toBe(0);
    for (const { code, meaning } of Object.values(exitCodes)) expect(stdout).toContain(`${code}  ${meaning}`);
  });

  test.each([
    ['an unknown command', ['sevre'], 2],
    ['an unknown flag', ['serve', '--prot', '1'], 2],
    ['a flag without its value', ['load-test', '--duration'], 2],
    ['a missing argument', ['model', 'import'], 2],
    ['a malformed URL', ['load-test', 'http//x'], 2],
    ['a model that is not there', ['model', 'inspect', 'no-such.onnx'], 2],
    ['a target that does not answer', ['load-test', 'http://127.0.0.1:1/', '--duration', '1s'], 1],
  ])('%s: the same code in text and in JSON, the result channel clean', async (_name, args, expected) => {
    const [text, json] = await Promise.all([runCli(args), runCli([...args, '--json'])]);
    expect([text.exitCode, json.exitCode]).toEqual([expected, expected]);
    expect(text.stdout).toBe('');
    expect(text.stderr).toMatch(/^Error: /m);
    expect(text.stderr).not.toMatch(/\n {4}at /);
    expect(JSON.parse(json.stdout).error.exitCode).toBe(expected);
    expect(Object.keys(JSON.parse(json.stdout))).toEqual(['error']);
  });

  test('a wrong mlops.yaml is one error with every line', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'mlops.yaml'), 'nmae: x\nserve: { port: http }\n');
    const { exitCode, stderr } = await runCli(['model', 'inspect'], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("line 1: 'nmae' is not a known key");
    expect(stderr).toContain("line 2: 'serve.port'");
  });

  test('a typing mistake is answered with the command that was meant', async () => {
    expect((await runCli(['sevre'])).stderr).toContain('Did you mean `mlops serve`?');
    expect((await runCli(['model', 'improt'])).stderr).toContain('mlops model import');
  });
});

test('a bare topic prints its help', async () => {
  const { exitCode, stdout } = await runCli(['model']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('model import');
});

test('a Node that is too old: one line, exit 5', async () => {
  const nodeArgs = ['--require', join(support, 'old-node.cjs')];
  for (const version of ['12.22.0', '20.20.2', '22.12.0']) {
    const { exitCode, stdout, stderr } = await runCli(['--version'], { nodeArgs, env: { PRETEND_NODE: version } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^mlops needs Node.js 22\\.13 or newer, this is ${version}: install .+\\n$`));
  }
  expect((await runCli(['--version'], { nodeArgs, env: { PRETEND_NODE: '22.13.0' } })).exitCode).toBe(0);
});
