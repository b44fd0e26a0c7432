import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { awsEnv } from './aws-env.js';
import { type FaultRule, type StandIn, startFaultProxy } from './aws-fault-proxy.js';
import { requireOrSkip } from './requirements.js';

const script = join(import.meta.dirname, 'moto_patched.py');

/** A Python that can import moto: the one on the PATH, or the one that the program moto_server is installed for. */
function findPython(): string | undefined {
  const canImport = (python: string) => spawnSync(python, ['-c', 'import moto.moto_server.werkzeug_app']).status === 0;
  if (canImport('python3')) return 'python3';
  const program = spawnSync('sh', ['-c', 'command -v moto_server'], { encoding: 'utf8' }).stdout.trim();
  if (program === '') return undefined;
  const shebang = /^#!\s*(\S+)/.exec(readFileSync(program, 'utf8'))?.[1];
  return shebang !== undefined && canImport(shebang) ? shebang : undefined;
}

const python = findPython();
export const hasMoto = requireOrSkip('moto', python !== undefined);

export interface Moto {
  readonly url: string;
  /** What points terraform, the SDK and mlops at it. The credentials are moto's own. */
  readonly env: Record<string, string>;
  /** What it refuses from now on; change it as the test goes. */
  readonly faults: FaultRule[];
  /** Names of everything in the account by kind, as moto itself holds it. */
  holdings(): Promise<Record<string, string[]>>;
  /** Every call so far, as `service:Action`. */
  readonly seen: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts a server of our own: it chooses its port and tells us, so that it is certainly ours, and it ends with us. Before
 * it stands the proxy, always: werkzeug loses an answer to Terraform's provider now and then, and what the provider then
 * repeats has been done already. `standIns` answer what moto lacks.
 */
export async function startMoto({ standIns = [] }: { standIns?: readonly StandIn[] } = {}): Promise<Moto> {
  if (python === undefined) throw new Error('moto is not installed');
  const server = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  const lines = createInterface({ input: server.stdout });
  const [first] = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    once(server, 'exit').then(() => Promise.reject(new Error(`moto did not start:\n${stderr}`))),
  ]);
  const faults: FaultRule[] = [];
  const proxy = await startFaultProxy(`http://127.0.0.1:${Number(first)}`, faults, standIns);
  return {
    url: proxy.url,
    env: awsEnv(proxy.url),
    faults,
    seen: proxy.seen,
    holdings: async () => (await (await fetch(`${proxy.url}/holdings`)).json()) as Record<string, string[]>,
    stop: async () => {
      await proxy.stop();
      const ended = once(server, 'exit');
      server.stdin.end();
      await ended;
    },
  };
}
