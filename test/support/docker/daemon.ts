import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireOrSkip } from '../requirements.js';

const run = promisify(execFile);
const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;

/** A daemon answers, or this machine can start one. */
const available =
  has('docker', 'info') || (process.getuid?.() === 0 && has('dockerd', '--version') && has('docker', '--version'));

export const hasDocker = requireOrSkip('docker', available);
export const hasRegistry = hasDocker && requireOrSkip('docker', has('docker-registry', '--version'));

/** Long enough for the base image, where it has to be made first. */
export const prepareTimeoutMs = 400_000;

/** Starts the daemon and makes the base image, unless both are there. */
export async function prepareDocker(): Promise<void> {
  await run(join(import.meta.dirname, 'prepare.sh'));
}

/** Runs docker and returns what it writes to stdout; throws with its stderr when it fails. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: 2 ** 24 });
  return stdout.trim();
}

/** Flags under which a container of ours has to work: nothing to write to, nothing to gain, little memory. */
export const hardened = [
  ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--memory', '256m', '--memory-swap', '256m'],
];
