import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { docker } from './daemon.js';

export interface TestContainer {
  readonly id: string;
  readonly url: string;
  /** The server's log lines so far. */
  log(): Promise<Record<string, unknown>[]>;
}

/** Starts a container that listens on `port` inside, waits until it is ready, and removes it after the test. */
export async function startContainer(
  image: string,
  flags: readonly string[] = [],
  port = 8080,
): Promise<TestContainer> {
  const id = await docker('run', '--detach', '--publish', `127.0.0.1::${port}`, ...flags, image);
  onTestFinished(async () => void (await docker('rm', '--force', '--volumes', id)));
  const [address = ''] = (await docker('port', id, `${port}/tcp`)).split('\n');
  const url = `http://${address}`;
  for (let tries = 0; tries < 400; tries++) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    if (response?.status === 200) return { id, url, log: () => logOf(id) };
    if ((await docker('inspect', '--format', '{{.State.Running}}', id)) !== 'true') break;
    await sleep(50);
  }
  throw new Error(`the container did not become ready: ${JSON.stringify(await logOf(id))}`);
}

/** What a container wrote to stderr, line by line. */
export async function logOf(id: string): Promise<Record<string, unknown>[]> {
  const text = await new Promise<string>((resolve) => {
    execFile('docker', ['logs', id], (_error, _stdout, stderr) => resolve(stderr));
  });
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
