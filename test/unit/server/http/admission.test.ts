import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Admission } from '../../../../src/lib/server/http/admission.js';
import { listen } from '../../../../src/lib/server/listen.js';
import { RawConnection } from '../../../support/raw-http.js';

async function admitting() {
  let requests = 0;
  let accepted = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.end('done');
  });
  const admission = new Admission(server);
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  /** Connects, and is back in the turn in which the connection was accepted. */
  const connect = async () => {
    const before = accepted;
    const connection = new RawConnection(port).send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    while (accepted === before) await setImmediate();
    return connection;
  };
  server.on('connection', () => accepted++);
  return { admission, connect, requests: () => requests };
}

describe('connections that come in', () => {
  it('are waited for until they are read', async () => {
    const { admission, connect, requests } = await admitting();
    expect(admission.settled()).toBeUndefined();
    const connection = await connect();
    const settled = admission.settled();
    expect(settled).toBeInstanceOf(Promise);
    expect(requests()).toBe(0);
    await settled;
    expect(admission.settled()).toBeUndefined();
    await expect.poll(() => connection.statuses).toEqual([200]);
  });

  it('are not waited for while they are held', async () => {
    const { admission, connect, requests } = await admitting();
    const connection = await connect();
    const settled = admission.settled();
    admission.hold();
    await settled;
    await connect();
    expect(admission.settled()).toBeUndefined();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    expect(requests()).toBe(0);
    admission.admit();
    await expect.poll(() => connection.statuses).toEqual([200]);
  });
});
