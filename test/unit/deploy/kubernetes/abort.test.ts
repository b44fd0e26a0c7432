import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { throughTunnel } from '../../../../src/lib/deploy/kubernetes/reach.js';
import type { Kubectl } from '../../../../src/lib/platform/kubernetes/kubectl.js';
import { probeTls } from '../../../../src/lib/platform/kubernetes/probe.js';

test('an abort while the tunnel is being started ends it', async () => {
  const stop = new AbortController();
  const ended = Promise.withResolvers<void>();
  const kubectl = {
    start: async () => {
      stop.abort('SIGINT');
      return {
        send: () => ended.resolve(),
        // Says nothing until it is told to end, as kubectl with a cluster that does not answer.
        stdoutLines: (async function* lines() {
          await ended.promise;
          yield* [];
        })(),
        stop: async () => {},
      };
    },
  } as unknown as Kubectl;
  await expect(throughTunnel(kubectl, 'flights', async () => 'worked', stop.signal)).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
});

test('a probe that is asked for after the abort does not wait for the server', async () => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const options = { timeoutMs: 60_000, signal: AbortSignal.abort() };
  expect(await probeTls(`https://127.0.0.1:${port}`, options)).toBe('interrupted');
  silent.close();
});
