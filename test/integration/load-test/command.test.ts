import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LoadTestResult } from '../../../src/lib/load-test/result.js';
import { runCli } from '../../support/cli.js';
import { startScriptedServer } from '../../support/scripted-server.js';
import { tempDir } from '../../support/temp-dir.js';

const bin = join(import.meta.dirname, '..', '..', '..', 'bin', 'run.js');

describe('mlops load-test', () => {
  it('serves the bundled model, holds every answer against the idle one, and passes', async () => {
    const args = [
      'load-test',
      '--connections',
      '40',
      '--duration',
      '3s',
      '--min-requests',
      '1000',
      '--threads',
      '2',
      '--json',
    ];
    const { exitCode, stdout, stderr } = await runCli(args);
    expect(stderr).toMatch(/Serving flight-delay/);
    expect(exitCode).toBe(0);
    const result = JSON.parse(stdout) as LoadTestResult;
    expect(result).toMatchObject({
      verdict: 'pass',
      target: {
        served: true,
        model: 'flight-delay',
        distinctRequests: 552,
        check: expect.stringContaining('equal to the answer'),
      },
      requests: { failed: 0, lost: 0, timeouts: 0, connectErrors: 0 },
    });
  });

  it('fails, with exit code 3, where every answer is an error, under its other name too', async () => {
    const server = await startScriptedServer((_request, wire) => wire.answer(400, '{"error":"expected array"}'));
    onTestFinished(() => server.stop());
    const args = [
      'loadtest',
      server.url,
      '--connections',
      '5',
      '--duration',
      '500ms',
      '--body',
      '{"rows":[1]}',
      '--method',
      'POST',
    ];
    const { exitCode, stdout, stderr } = await runCli(args);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^Requests +0 ok · [\d,]+ failed/m);
    expect(stdout).toContain('HTTP 400 {"error":"expected array"}');
    expect(stdout).toMatch(/^FAIL {2}0 right answers, at least 50,000 were asked for; .*\n$/m);
    expect(stderr).not.toContain('FAIL');
  });

  it('stops at Ctrl-C, reports what it has, and takes its server along', async () => {
    const output = join(await tempDir(), 'result.json');
    const child = spawn(
      process.execPath,
      [bin, 'load-test', '--duration', '60s', '--connections', '10', '--output', output],
      {
        env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' },
        cwd: import.meta.dirname,
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
      if (stderr.includes('10 connections for') && !child.killed) setTimeout(() => child.kill('SIGINT'), 1_000);
    });
    const [exitCode] = (await once(child, 'close')) as [number];
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/INTERRUPTED {2}interrupted after \d+\.\d s\n$/);
    const result = JSON.parse(await readFile(output, 'utf8')) as LoadTestResult;
    expect(result.verdict).toBe('interrupted');
    expect(result.requests.ok).toBeGreaterThan(0);
    await expect(fetch(result.target.url)).rejects.toThrow();
  });
});
