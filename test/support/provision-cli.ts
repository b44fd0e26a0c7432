import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartedCli {
  readonly child: ChildProcess;
  readonly done: Promise<CliRun>;
  /** Ctrl-C in the terminal: the signal goes to the whole process group. */
  ctrlC(): void;
  /** Resolves when the text stands in stderr. */
  said(text: string | RegExp): Promise<void>;
}

/** Starts the built `mlops` with exactly this environment beside PATH and HOME. Only its own pid is ever signalled. */
export function startMlops(args: readonly string[], options: { cwd: string; env: Record<string, string> }): StartedCli {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as a shell makes one for each command: Ctrl-C goes to all of it.
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  const done = new Promise<CliRun>((resolve, reject) => {
    child.once('error', reject).once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  const said = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (typeof text === 'string' ? !stderr.includes(text) : !text.test(stderr)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void done.then(() => reject(new Error(`mlops ended without saying ${text}:\n${stderr}`)));
    });
  const ctrlC = () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGINT'));
  return { child, done, said, ctrlC };
}

export async function mlops(
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<CliRun> {
  return await startMlops(args, options).done;
}
