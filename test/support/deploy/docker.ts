import { execFileSync, spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { requireOrSkip } from '../requirements.js';

const prepare = join(import.meta.dirname, '..', 'docker', 'prepare.sh');

/** Whether there is a daemon with the base image; it is started and made where this user may do so. */
export function dockerIsThere(): boolean {
  const here = spawnSync('docker', ['--version']).status === 0 && spawnSync('bash', [prepare]).status === 0;
  return requireOrSkip('docker', here);
}

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** An image on top of another one, from lines of a Dockerfile. */
export function imageFrom(base: string, tag: string, lines: readonly string[]): string {
  const args = ['build', '--quiet', '--tag', tag, '-'];
  execFileSync('docker', args, { input: [`FROM ${base}`, ...lines].join('\n'), stdio: ['pipe', 'pipe', 'pipe'] });
  return tag;
}

/** Removes everything of a service: containers, the ledger, the waiting network, images. */
export function removeService(service: string, images: readonly string[]): void {
  const label = `label=mlops.deploy.service=${service}`;
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  for (const id of lines(docker('ps', '-aq', '--filter', label))) docker('rm', '--force', '--volumes', id);
  for (const name of lines(docker('volume', 'ls', '-q', '--filter', label))) docker('volume', 'rm', name);
  spawnSync('docker', ['network', 'rm', `${service}-waiting`]);
  for (const image of images) spawnSync('docker', ['image', 'rm', '--force', image]);
}

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
