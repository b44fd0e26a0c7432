import { execFileSync, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { docker } from '../docker/daemon.js';

/** An image on top of another one, from lines of a Dockerfile. */
export function imageFrom(base: string, tag: string, lines: readonly string[]): string {
  const args = ['build', '--quiet', '--tag', tag, '-'];
  execFileSync('docker', args, { input: [`FROM ${base}`, ...lines].join('\n'), stdio: ['pipe', 'pipe', 'pipe'] });
  return tag;
}

/** Removes everything of a service: containers, the ledger, the waiting network, images. */
export async function removeService(service: string, images: readonly string[]): Promise<void> {
  const label = `label=mlops.deploy.service=${service}`;
  const listed = async (...args: string[]) => {
    return (await docker(...args, '--filter', label)).split('\n').filter((line) => line !== '');
  };
  for (const id of await listed('ps', '--all', '--quiet')) await docker('rm', '--force', '--volumes', id);
  for (const name of await listed('volume', 'ls', '--quiet')) await docker('volume', 'rm', name);
  spawnSync('docker', ['network', 'rm', `${service}-waiting`]);
  for (const image of images) spawnSync('docker', ['image', 'rm', '--force', image]);
}

/**
 * A port that nothing listens on at the moment, below those that the system gives to whoever asks for any: nobody else gets
 * it between now and its use.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
