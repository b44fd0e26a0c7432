import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { requireOrSkip } from '../requirements.js';

const root = '/usr/lib/postgresql';
/** Debian's programs of the server, which are not on the PATH. */
const programs = existsSync(root)
  ? readdirSync(root)
      .sort()
      .map((version) => join(root, version, 'bin'))
      .at(-1)
  : undefined;
const user = process.getuid?.() === 0 ? ids('postgres') : undefined;

export const hasPostgres = requireOrSkip(
  'postgres',
  programs !== undefined && existsSync(join(programs, 'initdb')) && (process.getuid?.() !== 0 || user !== undefined),
);

export interface Postgres {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * A server of our own on 127.0.0.1 that asks for a password, with TLS if it gets a certificate. It does not run as root. A
 * transaction sees the database as of its first statement that reads, like one of Redshift, and LOCK is not such a statement.
 */
export async function startPostgres(password: string, certificate?: { key: Buffer; cert: Buffer }): Promise<Postgres> {
  const bin = programs ?? '';
  const dir = await mkdtemp(join(tmpdir(), 'mlops-postgres-'));
  const data = join(dir, 'data');
  const own = (path: string) => user !== undefined && chownSync(path, user.uid, user.gid);
  const put = (name: string, content: string | Buffer) => {
    writeFileSync(join(dir, name), content, { mode: 0o600 });
    own(join(dir, name));
    return join(dir, name);
  };
  own(dir);
  const asUser = { ...user, cwd: dir, stdio: 'pipe' } as const;
  const pwfile = put('password', password);
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'ana', '-A', 'scram-sha-256', '--pwfile', pwfile, '--no-sync'],
    asUser,
  );
  const port = await freePort();
  const options = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${dir}`, 'fsync=off'];
  options.push('default_transaction_isolation=repeatable read');
  if (certificate !== undefined) {
    options.push(
      'ssl=on',
      `ssl_key_file=${put('key.pem', certificate.key)}`,
      `ssl_cert_file=${put('cert.pem', certificate.cert)}`,
    );
  }
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...options.flatMap((option) => ['-c', option])], {
    ...asUser,
    stdio: 'ignore',
  });
  const exit = once(server, 'exit');
  while (server.exitCode === null && !(await isListening(port))) await sleep(50);
  return {
    port,
    stop: async () => {
      // A fast end: it does not wait for connections.
      server.kill('SIGINT');
      await exit;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
}

function ids(name: string): { readonly uid: number; readonly gid: number } | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
