import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { catalogPath } from '../../../../src/lib/model/catalog.js';
import { openModel } from '../../../../src/lib/model/open.js';
import { parseProject } from '../../../../src/lib/project/parse.js';
import { readResolvedServing, resolvedFileName, resolveServing } from '../../../../src/lib/project/resolved.js';
import { checkHealth } from '../../../../src/lib/server/container/health-check.js';
import { runContainer } from '../../../../src/lib/server/container/run.js';
import { errorOf } from '../../../support/errors.js';
import { freePort } from '../../../support/free-port.js';
import { tempDir } from '../../../support/temp-dir.js';

const bundled = catalogPath('flight-delay') as string;

/** A folder as /app of an image is. */
async function imageRoot(change: { digest?: string } = {}, yaml = ''): Promise<string> {
  const root = await tempDir();
  await mkdir(join(root, 'model'));
  await copyFile(bundled, join(root, 'model', 'flight-delay.onnx'));
  const { name, version, digest, signature } = await openModel(bundled, { baseDir: '/' });
  const model = { name, version, digest, file: 'model/flight-delay.onnx', signature, ...change };
  const resolved = resolveServing(parseProject(`serve: { drain: { delay: 0s } }\n${yaml}`), model);
  await writeFile(join(root, resolvedFileName), JSON.stringify(resolved));
  return root;
}

/** Starts what the image starts, in this process. */
async function start(root: string, env: Record<string, string> = {}) {
  const controller = new AbortController();
  const lines: Record<string, unknown>[] = [];
  const take = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const exitCode = runContainer({
    root,
    env: { MLOPS_HOST: '127.0.0.1', ...env },
    stop: controller.signal,
    logTarget: { write: take },
    writeLine: take,
    workerEntry: 'none',
  });
  return { lines, exitCode, stop: () => controller.abort('SIGTERM') };
}

describe('a container', () => {
  test('says in its log which threshold of an SLO its answers cannot miss', async () => {
    const slo = '{ name: slow, sli: latency, threshold: 20s, target: 99%, window: 30d }';
    const { lines, exitCode, stop } = await start(await imageRoot({}, `slos: [${slo}]`), {
      PORT: String(await freePort()),
    });
    await expect.poll(() => lines.map(({ msg }) => msg)).toContain('ready');
    stop();
    expect(await exitCode).toBe(0);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({ msg: expect.stringMatching(/^SLO slow: .*serve\.limits\.timeout answers 504/) }),
    ]);
  });

  test('serves, is healthy, and ends with 0 when it is told to', async () => {
    const port = String(await freePort());
    const root = await imageRoot();
    const { lines, exitCode, stop } = await start(root, { PORT: port });
    await expect.poll(() => lines.map(({ msg }) => msg)).toContain('ready');
    const said: string[] = [];
    const health = { root, env: { MLOPS_HOST: '127.0.0.1', PORT: port }, timeoutMs: 2_000 };
    expect(await checkHealth({ ...health, writeLine: (line) => said.push(line) })).toBe(0);
    expect(said).toEqual([`http://127.0.0.1:${port}/readyz answers 200`]);
    stop();
    expect(await exitCode).toBe(0);
    expect(await checkHealth({ ...health, writeLine: (line) => said.push(line) })).toBe(1);
    expect(said.at(-1)).toContain('ECONNREFUSED');
  });

  test('is not healthy where the server says 503, or nothing at all', async () => {
    const root = await imageRoot();
    let answer: number | undefined = 503;
    const server = createServer((_request, response) => {
      if (answer !== undefined) response.writeHead(answer).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.closeAllConnections());
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const env = { PORT: String((server.address() as AddressInfo).port) };
    const said: string[] = [];
    const check = () => checkHealth({ root, env, timeoutMs: 50, writeLine: (line) => said.push(line) });
    expect(await check()).toBe(1);
    answer = undefined;
    expect(await check()).toBe(1);
    expect(said).toEqual([
      expect.stringContaining('answers 503'),
      expect.stringContaining('did not answer within 0.05 s'),
    ]);
  });

  test('is not healthy where something else listens, or hangs up', async () => {
    const root = await imageRoot();
    const answers = ['SSH-2.0-OpenSSH_9.2\r\n'.padEnd(120, 'x'), ''];
    const server = createTcpServer((socket) => socket.end(answers.shift() ?? '')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const env = { PORT: String((server.address() as AddressInfo).port) };
    const said: string[] = [];
    const check = () => checkHealth({ root, env, timeoutMs: 2_000, writeLine: (line) => said.push(line) });
    expect([await check(), await check()]).toEqual([1, 1]);
    expect(said).toEqual([expect.stringContaining('answers 0'), expect.stringContaining('closed the connection')]);
  });

  test('refuses a model that is not the one of its image', async () => {
    const { exitCode, lines } = await start(await imageRoot({ digest: '0'.repeat(64) }));
    expect(await exitCode).toBe(1);
    expect(lines).toMatchObject([
      { level: 'fatal', code: 'MODEL_CHANGED', msg: expect.any(String), why: expect.any(String) },
    ]);
  });

  test.each([
    ['{}', 'RESOLVED_UNREADABLE'],
    ['{"format": 2}', 'RESOLVED_UNREADABLE'],
    ['not JSON', 'RESOLVED_UNREADABLE'],
  ])('with %s as its configuration says so', async (text, code) => {
    const root = await tempDir();
    await writeFile(join(root, resolvedFileName), text);
    const { exitCode, lines } = await start(root);
    expect(await exitCode).toBe(2);
    expect(lines).toMatchObject([{ level: 'fatal', code }]);
  });

  test('without a configuration says so', async () => {
    const path = join(await tempDir(), resolvedFileName);
    expect(await errorOf(() => readResolvedServing(path))).toMatchObject({ code: 'RESOLVED_UNREADABLE', exitCode: 2 });
  });
});
