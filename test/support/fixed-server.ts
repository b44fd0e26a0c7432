import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const script = join(import.meta.dirname, '..', '..', 'bench', 'support', 'fixed-server.js');

/** What the server saw since the last report, by its own count and clock. */
export interface FixedServerReport {
  readonly received: number;
  readonly answered: number;
  readonly meanServiceMs: number;
}

/** A server in a process of its own that answers every request after a fixed delay. */
export async function startFixedServer(delayMs: number) {
  const child = fork(script, [String(delayMs)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    report: async (): Promise<FixedServerReport> => {
      child.send('report');
      return ((await once(child, 'message')) as [FixedServerReport])[0];
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
