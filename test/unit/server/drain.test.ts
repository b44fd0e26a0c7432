import { createServer, type ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Connections, closeServer } from '../../../src/lib/server/drain.js';
import { Admission } from '../../../src/lib/server/http/admission.js';
import { listen } from '../../../src/lib/server/listen.js';
import { RawConnection } from '../../support/raw-http.js';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A server that answers only when told to. */
async function slowServer() {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => void waiting.push(response));
  const connections = new Connections(server);
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  const onAbort = vi.fn();
  const admission = new Admission(server);
  const close = (timeoutMs: number, portClosed = () => Promise.resolve()) =>
    closeServer(server, connections, { timeoutMs, onAbort, admission, portClosed });
  return { port, waiting, connections, close, onAbort };
}

describe('closing a server', () => {
  it('is immediate when nothing is open', async () => {
    const { close, port, onAbort } = await slowServer();
    expect(await close(10_000)).toBe(0);
    const late = new RawConnection(port).send(get);
    await expect.poll(() => late.closed).toBe(true);
    expect([late.received, onAbort.mock.calls]).toEqual(['', []]);
  });

  it('waits for requests in flight, although they leave a keep-alive connection behind', async () => {
    const { close, port, waiting, connections, onAbort } = await slowServer();
    const client = new RawConnection(port).send(get);
    await expect.poll(() => waiting.length).toBe(1);
    const closed = close(10_000);
    await setTimeout(30);
    expect(client.closed).toBe(false);
    waiting[0]?.end('done');
    expect(await closed).toBe(0);
    expect(client.received).toContain('done');
    await expect.poll(() => client.closed).toBe(true);
    expect([connections.count, onAbort.mock.calls]).toEqual([0, []]);
  });

  it('ends idle and silent connections long before the deadline', async () => {
    const { close, port, waiting, connections } = await slowServer();
    const idle = new RawConnection(port).send(get);
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.end('done');
    const silent = new RawConnection(port);
    await expect.poll(() => connections.count).toBe(2);
    await expect.poll(() => idle.statuses).toEqual([200]);
    expect(await close(60_000)).toBe(0);
    await expect.poll(() => idle.closed && silent.closed).toBe(true);
    expect(silent.received).toBe('');
  });

  it('cuts what is still open at the deadline, and says how many', async () => {
    const { close, port, waiting, onAbort } = await slowServer();
    const stuck = new RawConnection(port).send(get);
    const half = new RawConnection(port).send('GET / HT');
    await expect.poll(() => waiting.length).toBe(1);
    expect(await close(30)).toBe(2);
    expect(onAbort).toHaveBeenCalledOnce();
    await expect.poll(() => stuck.closed && half.closed).toBe(true);
  });

  it('accepts and keeps who connects meanwhile, and answers when the port is closed everywhere', async () => {
    const { close, port, waiting, connections } = await slowServer();
    const first = new RawConnection(port).send(get);
    await expect.poll(() => waiting.length).toBe(1);
    const others = Promise.withResolvers<void>();
    const closed = close(10_000, () => others.promise);
    const late = new RawConnection(port).send(get);
    await expect.poll(() => connections.count).toBe(2);
    waiting[0]?.end('done');
    await expect.poll(() => first.closed || first.statuses.length === 1).toBe(true);
    await setTimeout(100);
    expect([waiting.length, late.closed]).toEqual([1, false]);
    others.resolve();
    await expect.poll(() => waiting.length).toBe(2);
    waiting[1]?.end('done too');
    expect(await closed).toBe(0);
    expect(late.received).toContain('done too');
  });
});
