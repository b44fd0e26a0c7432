import { describe, expect, it } from 'vitest';
import { listeningApp } from '../../../support/app.js';
import { RawConnection, rawPost } from '../../../support/raw-http.js';

const row = '{"array":[5,0,0]}';
const malformed = (code: number) => `mlops_requests_total{route="(malformed)",code="${code}"}`;

describe('what is not HTTP', () => {
  it.each([
    ['GARBAGE\r\n\r\n'],
    ['GET / HTTP/9.9\r\n\r\n'],
    ['POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n'],
    ['POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n'],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n'],
  ])('%j gets a 400 in JSON, and the connection ends', async (text) => {
    const { port, metric } = await listeningApp();
    const connection = new RawConnection(port).send(text);
    await expect.poll(() => connection.closed).toBe(true);
    expect(connection.statuses).toEqual([400]);
    expect(connection.bodies).toEqual([{ error: expect.stringContaining('not an HTTP request') }]);
    expect(await metric(malformed(400))).toBe(1);
    expect(await metric('mlops_in_flight')).toBe(0);
  });

  it('headers above 16 KiB get a 431', async () => {
    const { port } = await listeningApp();
    const connection = new RawConnection(port).send(
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    await expect.poll(() => connection.closed).toBe(true);
    expect(connection.statuses).toEqual([431]);
    expect(connection.bodies).toEqual([{ error: expect.stringContaining('16 KiB') }]);
  });

  it('answers good pipelined requests before the bad one', async () => {
    const { port, predictor } = await listeningApp();
    predictor.hold();
    const connection = new RawConnection(port).send(`${rawPost(row)}${rawPost(row)}GARBAGE\r\n\r\n`);
    await expect.poll(() => predictor.runs.length).toBe(1);
    expect(connection.received).toBe('');
    predictor.release();
    await expect.poll(() => connection.closed).toBe(true);
    expect(connection.statuses).toEqual([200, 200, 400]);
  });

  it('CONNECT gets a 405, an unknown expectation a 417', async () => {
    const { port } = await listeningApp();
    const proxy = new RawConnection(port).send('CONNECT example.invalid:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    const expectation = new RawConnection(port).send(rawPost(row, { Expect: 'a miracle' }));
    await expect.poll(() => proxy.closed && expectation.closed).toBe(true);
    expect([proxy.statuses, expectation.statuses]).toEqual([[405], [417]]);
    expect(expectation.received).toContain('100-continue');
  });

  it('a request without Host gets a 400, in HTTP/1.0 an answer', async () => {
    const { port } = await listeningApp();
    const modern = new RawConnection(port).send('GET /healthz HTTP/1.1\r\n\r\n');
    const old = new RawConnection(port).send('GET /healthz HTTP/1.0\r\n\r\n');
    await expect.poll(() => [...modern.statuses, ...old.statuses]).toEqual([400, 200]);
    expect(modern.bodies).toEqual([{ error: expect.stringContaining('Host') }]);
  });

  it('a whole URL is understood, an upgrade is not made', async () => {
    const { port } = await listeningApp();
    const whole = new RawConnection(port).send('GET http://other:80/readyz?x HTTP/1.1\r\nHost: x\r\n\r\n');
    const bare = new RawConnection(port).send('GET http://other HTTP/1.1\r\nHost: x\r\n\r\n');
    const upgrade = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const socket = new RawConnection(port).send(upgrade);
    await expect.poll(() => [whole.statuses, bare.statuses, socket.statuses]).toEqual([[200], [404], [200]]);
  });

  it('OPTIONS * says what the server understands', async () => {
    const { port } = await listeningApp();
    const connection = new RawConnection(port).send('OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => connection.statuses).toEqual([204]);
    expect(connection.received).toMatch(/^allow: GET, HEAD, OPTIONS, POST\r$/m);
  });
});

describe('many clients that connect at once', () => {
  it('are all let in before the first of them is served', async () => {
    const { port, predictor } = await listeningApp();
    const clients = Array.from({ length: 60 }, () => new RawConnection(port).send(rawPost(row)));
    await expect.poll(() => clients.every(({ statuses }) => statuses[0] === 200)).toBe(true);
    expect(predictor.runs.length).toBeLessThan(10);
  });
});

describe('how bodies arrive', () => {
  it('chunked, byte by byte, pipelined', async () => {
    const { port } = await listeningApp();
    const chunked = new RawConnection(port);
    chunked.send('POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (const character of row) chunked.send(`1\r\n${character}\r\n`);
    chunked.send('0\r\n\r\n');
    await expect.poll(() => chunked.bodies).toEqual([{ predicciones: [5] }]);

    const pipelined = new RawConnection(port);
    pipelined.send([1, 2, 3].map((value) => rawPost(`{"array":[${value},0,0]}`)).join(''));
    await expect.poll(() => pipelined.bodies).toEqual([1, 2, 3].map((value) => ({ predicciones: [value] })));
  });

  it('after asking with Expect: 100-continue', async () => {
    const { port } = await listeningApp();
    const connection = new RawConnection(port);
    connection.send(rawPost('', { Expect: '100-continue', 'Content-Length': row.length }));
    await expect.poll(() => connection.statuses).toEqual([100]);
    connection.send(row);
    await expect.poll(() => connection.statuses).toEqual([100, 200]);
  });

  it('not at all when it asked and the answer is no', async () => {
    const { port } = await listeningApp({ limits: { bodyBytes: 64 } });
    const connection = new RawConnection(port).send(rawPost('', { Expect: '100-continue', 'Content-Length': 65 }));
    await expect.poll(() => connection.closed).toBe(true);
    expect(connection.statuses).toEqual([413]);
  });

  it('a client that sends too much sees the answer and keeps its connection', async () => {
    const { port } = await listeningApp({ limits: { bodyBytes: 1_000 } });
    const announced = new RawConnection(port).send(rawPost('x'.repeat(500_000))).send(rawPost(row));
    await expect.poll(() => announced.statuses).toEqual([413, 200]);
    const chunked = new RawConnection(port).send('POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let chunk = 0; chunk < 20; chunk++) chunked.send(`3e8\r\n${'x'.repeat(1_000)}\r\n`);
    chunked.send('0\r\n\r\n').send(rawPost(row));
    await expect.poll(() => chunked.statuses).toEqual([413, 200]);
  });

  it('too slowly: 408', async () => {
    const { port, metric } = await listeningApp({ timeouts: { requestMs: 60, headersMs: 60, checkMs: 10 } });
    const body = new RawConnection(port).send(rawPost('{"arr', { 'Content-Length': 100 }));
    const headers = new RawConnection(port).send('POST /api HTTP/1.1\r\nHos');
    await expect.poll(() => body.closed && headers.closed).toBe(true);
    expect([body.statuses, headers.statuses]).toEqual([[408], [408]]);
    expect(await metric(malformed(408))).toBe(2);
    await expect.poll(() => metric('mlops_in_flight')).toBe(0);
  });

  it('a connection that says nothing is closed without an answer', async () => {
    const { port, metric } = await listeningApp({ timeouts: { requestMs: 60, headersMs: 60, checkMs: 10 } });
    const silent = new RawConnection(port);
    await expect.poll(() => silent.closed).toBe(true);
    expect(silent.received).toBe('');
    expect(await metric(malformed(408))).toBe(0);
  });

  it('half, before the client goes away: counted as such, and nothing stays behind', async () => {
    const { port, metric, budget, lines } = await listeningApp();
    const connection = new RawConnection(port).send(rawPost('{"array":[5', { 'Content-Length': 100 }));
    await expect.poll(() => budget.usedBytes).toBe(11);
    connection.socket.resetAndDestroy();
    await expect.poll(() => metric('mlops_requests_total{route="/api",code="499"}')).toBe(1);
    expect(budget.usedBytes).toBe(0);
    expect(await metric('mlops_in_flight')).toBe(0);
    expect(await metric('mlops_slo_requests_total{slo="availability"}')).toBe(0);
    expect(lines).toEqual([]);
  });

  it('of a client that goes away while it waits: its rows are not predicted', async () => {
    const { port, predictor, metric } = await listeningApp();
    predictor.hold();
    const running = new RawConnection(port).send(rawPost(row));
    await expect.poll(() => predictor.runs.length).toBe(1);
    const waiting = new RawConnection(port).send(rawPost(row));
    await expect.poll(() => metric('mlops_in_flight')).toBe(2);
    waiting.socket.destroy();
    await expect.poll(() => waiting.closed).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    predictor.release();
    await expect.poll(() => running.statuses).toEqual([200]);
    await expect.poll(() => metric('mlops_requests_total{route="/api",code="499"}')).toBe(1);
    expect(predictor.runs).toEqual([1]);
  });

  it('from more clients than there is memory for: 503 for those who come last', async () => {
    const { port, metric, budget } = await listeningApp({ limits: { bodyBytes: 1_000, budgetBytes: 2_500 } });
    const slow = [1, 2].map(() => new RawConnection(port).send(rawPost('x'.repeat(900), { 'Content-Length': 950 })));
    await expect.poll(() => budget.usedBytes).toBe(1_800);
    const late = new RawConnection(port).send(rawPost('x'.repeat(900)));
    await expect.poll(() => late.statuses).toEqual([503]);
    expect(late.received).toMatch(/^retry-after: 1\r$/m);
    expect(await metric('mlops_rejected_total{reason="memory"}')).toBe(1);
    for (const connection of slow) connection.send('y'.repeat(50));
    await expect.poll(() => slow.map(({ statuses }) => statuses)).toEqual([[400], [400]]);
    expect(budget.usedBytes).toBe(0);
    late.send(rawPost(row));
    await expect.poll(() => late.statuses).toEqual([503, 200]);
  });
});
