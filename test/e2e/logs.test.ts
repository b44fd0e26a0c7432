import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

describe('mlops logs in a pipe', () => {
  it('makes our lines readable and leaves the others alone', async () => {
    const input =
      'starting up\n{"level":"error","time":"2026-01-31T10:00:00Z","msg":"request failed","err":{"stack":"Error: x\\n    at y"}}\nlast';
    const { exitCode, stdout, stderr } = await runCli(['logs'], { input });
    expect(stdout).toBe('starting up\n2026-01-31T10:00:00Z ERROR request failed\n    Error: x\n        at y\nlast');
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('ends quietly when its reader goes away, though lines keep coming', async () => {
    const child = spawn(process.execPath, [bin, 'logs'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined);
    const ended = once(child, 'exit') as Promise<[number | null]>;
    const feed = () => {
      while (
        !child.stdin.destroyed &&
        child.exitCode === null &&
        child.stdin.write('{"level":"info","msg":"x"}\n'.repeat(1000))
      );
    };
    child.stdin.on('drain', feed);
    feed();
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await ended;
    expect([code, stderr]).toEqual([0, '']);
  });

  it('reads on after Ctrl-C, because the last lines of what is stopped are worth reading', async () => {
    const child = spawn(process.execPath, [bin, 'logs'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stdin.write('{"level":"info","msg":"ready"}\n');
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    child.stdin.end('{"level":"info","msg":"stopped"}\n');
    const [code] = (await once(child, 'close')) as [number | null];
    expect([code, stdout]).toEqual([0, 'INFO  ready\nINFO  stopped\n']);
  });

  it('without anything piped in asks CloudWatch, and says what is missing for that', async () => {
    const { exitCode, stdout } = await runCli(['logs', '--errors', '--json']);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([5, { error: { code: 'LOG_GROUPS_UNKNOWN' } }]);
  });
});
