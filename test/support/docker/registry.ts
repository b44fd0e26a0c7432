import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';

export interface Registry {
  /** `127.0.0.1:PORT`, which every daemon takes without TLS. */
  readonly host: string;
  stop(): Promise<void>;
}

/** The registry takes bcrypt alone, which Node.js does not have: this is the hash of `password`. */
export const registryLogin = {
  username: 'AWS',
  password: 'token-for-tests',
  hash: '$2b$04$abcdefghijklmnopqrstuuHn9x84MBGqB4y61AeRO3VNw05iInXIa',
} as const;

/** Debian's docker-registry on a free port, with its images in a temporary folder. `login`: it asks for `registryLogin`. */
export async function startRegistry(options: { login: boolean } = { login: false }): Promise<Registry> {
  const dir = await mkdtemp(join(tmpdir(), 'mlops-registry-'));
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const mark = randomUUID();
    await writeFile(join(dir, 'htpasswd'), `${registryLogin.username}:${registryLogin.hash}\n`);
    const config = {
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(dir, 'images') } },
      http: { addr: `127.0.0.1:${port}`, headers: { 'x-test': [mark] } },
      ...(options.login ? { auth: { htpasswd: { realm: 'tests', path: join(dir, 'htpasswd') } } } : {}),
    };
    // JSON is YAML.
    await writeFile(join(dir, 'config.yml'), JSON.stringify(config));
    const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' });
    if (await answers(port, mark, child)) {
      return {
        host: `127.0.0.1:${port}`,
        stop: async () => {
          const ended = once(child, 'exit');
          child.kill();
          await ended;
          await rm(dir, { recursive: true, force: true });
        },
      };
    }
    child.kill();
    if (attempt === 3) throw new Error('docker-registry did not start');
  }
}

/** Another program may have taken the port meanwhile, and it may be a registry too: ours is known by its header. */
async function answers(port: number, mark: string, child: ChildProcess): Promise<boolean> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    const response = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined);
    if (response?.headers.get('x-test') === mark) return true;
    await sleep(50);
  }
  return false;
}
