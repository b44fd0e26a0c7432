import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

export interface ServeProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly stdout: string[];
  /** Parsed log lines; what is no JSON stands under `text`. */
  readonly log: Record<string, unknown>[];
  readonly child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
}

/** `mlops serve` with the built command line, as a process that ends with the test. */
export function spawnServe(
  args: readonly string[],
  cwd = import.meta.dirname,
  variables: Readonly<Record<string, string>> = {},
): Omit<ServeProcess, 'url' | 'port' | 'pid'> {
  const { PATH = '', HOME = '', MLOPS_CACHE } = process.env;
  const child = spawn(process.execPath, [bin, 'serve', ...args], {
    cwd,
    env: { PATH, HOME, NO_COLOR: '1', ...(MLOPS_CACHE === undefined ? {} : { MLOPS_CACHE }), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const log: Record<string, unknown>[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(parsed(line)));
  const stdout: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => stdout.push(line));
  return { stdout, log, child, exited };
}

/** The same on a free port with `--json`, once it is ready. */
export async function startServe(
  args: readonly string[] = [],
  cwd?: string,
  variables?: Readonly<Record<string, string>>,
): Promise<ServeProcess> {
  const spawned = spawnServe(['--port', '0', '--json', ...args], cwd, variables);
  const { stdout, child, log } = spawned;
  await expect.poll(() => stdout.length > 0 || child.exitCode !== null, { timeout: 15_000 }).toBe(true);
  if (stdout[0] === undefined) throw new Error(`serve ended before it was ready: ${JSON.stringify(log)}`);
  const { url, pid } = JSON.parse(stdout[0]) as { url: string; pid: number };
  return { url, port: Number(new URL(url).port), pid, ...spawned };
}

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { text: line };
  }
}

/** The value of one series in Prometheus text. */
export async function scrape(url: string, series: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
