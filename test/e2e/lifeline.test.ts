import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

test('a server that was started for a test ends with the process that started it, however that ends', async () => {
  const args = [bin, 'serve', '--port', '0', '--json', '--drain-delay', '0s', '--log-level', 'silent', '--until-eof'];
  const server = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(server, 'exit');
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  const { url } = JSON.parse(String(line)) as { url: string };
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  // What the system does with the pipe when its owner is killed.
  server.stdin.destroy();
  expect(await exited).toEqual([0, null]);
});
