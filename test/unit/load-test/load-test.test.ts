import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LoadTestRequest, loadTest } from '../../../src/lib/load-test/load-test.js';
import type { LoadTestResult } from '../../../src/lib/load-test/result.js';
import { writeReport } from '../../../src/lib/load-test/write-report.js';
import { loadTestDeps } from '../../support/load-test-deps.js';
import { startScriptedServer } from '../../support/scripted-server.js';
import { sharedTempDir } from '../../support/temp-dir.js';

const dir = await sharedTempDir();

const defaults = { connections: 3, durationMs: 100, minRequests: 5 };

function run(request: Partial<LoadTestRequest>): Promise<LoadTestResult> {
  const asked: LoadTestRequest = {
    url: undefined,
    connections: undefined,
    duration: undefined,
    threads: 1,
    timeout: '1s',
    minRequests: undefined,
    method: undefined,
    headers: [],
    body: undefined,
    insecure: false,
    slo: false,
    output: undefined,
    html: undefined,
    ...request,
  };
  return loadTest(asked, { ...loadTestDeps({ cwd: dir }), defaults, slos: [], env: {} });
}

async function server(status: number) {
  const started = await startScriptedServer((_request, wire) => wire.answer(status, '{"predicciones":[1]}'));
  onTestFinished(() => started.stop());
  return started;
}

describe('loadTest', () => {
  it('takes from the project what was not asked for', async () => {
    const { url } = await server(200);
    const byDefault = await run({ url });
    expect(byDefault).toMatchObject({
      verdict: 'pass',
      load: { connections: 3, durationSeconds: 0.1, timeoutSeconds: 1 },
    });
    expect(byDefault.gates[0]?.threshold).toBe(5);
    const asked = await run({ url, connections: 2, duration: '150ms', minRequests: 0 });
    expect(asked).toMatchObject({ load: { connections: 2, durationSeconds: 0.15 } });
    expect(asked.gates[0]?.threshold).toBe(0);
  });

  it('writes both reports into new folders, whole, also when the verdict is no', async () => {
    const { url } = await server(500);
    const result = await run({ url, output: 'a/b/result.json', html: 'a/report.html' });
    expect(result.verdict).toBe('fail');
    expect(JSON.parse(await readFile(join(dir, 'a/b/result.json'), 'utf8'))).toEqual(result);
    expect(await readFile(join(dir, 'a/report.html'), 'utf8')).toMatch(/<\/html>\n$/);
    expect((await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.each([
    [{ duration: '45' }, '--duration 45 is not a duration'],
    [{ timeout: 'soon' }, '--timeout soon is not a duration'],
  ])('names the flag in %j', async (request, message) => {
    await expect(run({ url: 'http://127.0.0.1:1', ...request })).rejects.toMatchObject({
      message,
      code: 'INVALID_DURATION',
      exitCode: 2,
    });
  });

  it('refuses a report that cannot be written before it sends anything', async () => {
    const target = await server(200);
    await mkdir(join(dir, 'folder'));
    await writeFile(join(dir, 'file'), '');
    await expect(run({ url: target.url, output: 'folder' })).rejects.toMatchObject({
      code: 'REPORT_PATH',
      exitCode: 2,
    });
    await expect(run({ url: target.url, html: 'file/report.html' })).rejects.toMatchObject({ code: 'REPORT_PATH' });
    expect(target.requests).toBe(0);
  });
});

describe('writeReport', () => {
  it('replaces a file and leaves nothing behind when it fails', async () => {
    await writeReport(join(dir, 'twice'), 'one');
    await writeReport(join(dir, 'twice'), 'two');
    expect(await readFile(join(dir, 'twice'), 'utf8')).toBe('two');
    await mkdir(join(dir, 'taken'));
    await expect(writeReport(join(dir, 'taken'), 'x')).rejects.toMatchObject({
      code: 'REPORT_NOT_WRITTEN',
      exitCode: 1,
    });
    expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
