import { expect, onTestFinished, test } from 'vitest';
import { createServerLog } from '../../../src/lib/server/log.js';
import { openMetricsPort } from '../../../src/lib/server/metrics-port.js';
import { readyText } from '../../../src/lib/server/try-it.js';
import { testApp } from '../../support/app.js';
import { errorOf } from '../../support/errors.js';
import { fakeModel } from '../../support/fake-predictor.js';
import { RawConnection } from '../../support/raw-http.js';

async function open() {
  const log = await createServerLog({ level: 'silent', access: false, target: { write() {} } });
  const made = await openMetricsPort({ host: '127.0.0.1', port: 0 }, log);
  onTestFinished(() => made.close());
  return { ...made, log, port: Number(new URL(made.url).port) };
}

test('a scrape before there is anything is refused, and answered from then on', async () => {
  const { url, scrapeFrom } = await open();
  const early = await fetch(url);
  expect([early.status, await early.json()]).toEqual([503, { error: expect.stringContaining('still starting') }]);
  scrapeFrom(async () => 'up 1\n');
  expect(await (await fetch(url)).text()).toBe('up 1\n');
});

test('what is no request, or none for it, is answered as everywhere', async () => {
  const { port } = await open();
  const get = (path: string) => new RawConnection(port).send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const asked = [get('/'), get('/metrics/x'), get('/%'), new RawConnection(port).send('nonsense\r\n\r\n')];
  await expect.poll(() => asked.map(({ statuses }) => statuses)).toEqual([[404], [404], [400], [400]]);
  await expect.poll(() => asked.filter(({ received }) => !received.includes('{"error":"'))).toEqual([]);
});

test('it closes although somebody is connected and says nothing, and although a scrape hangs', async () => {
  const { port, url, scrapeFrom, close } = await open();
  scrapeFrom(() => new Promise<string>(() => undefined));
  const silent = new RawConnection(port);
  const hanging = fetch(url).catch(() => 'cut');
  await expect.poll(() => silent.socket.readyState).toBe('open');
  await close();
  expect(await hanging).toBe('cut');
  await expect.poll(() => silent.closed).toBe(true);
});

test('a port that is taken is named as that of the metrics', async () => {
  const { port, log } = await open();
  const error = await errorOf(() => openMetricsPort({ host: '127.0.0.1', port }, log));
  expect(error).toMatchObject({ code: 'PORT_IN_USE', message: `The metrics port ${port} is in use` });
});

test('the port of the service has no metrics then', async () => {
  const { app } = await testApp({ ownMetricsPort: true });
  const answer = await app.inject('/metrics');
  expect([answer.statusCode, answer.json()]).toEqual([404, { error: 'There is nothing at /metrics' }]);
});

test('a person is told where they are', () => {
  const url = 'http://127.0.0.1:8080';
  expect(readyText({ url, metricsUrl: 'http://127.0.0.1:9090/metrics' }, fakeModel)).toContain(
    'on http://127.0.0.1:8080, metrics on http://127.0.0.1:9090/metrics (Ctrl-C',
  );
  expect(readyText({ url, metricsUrl: undefined }, fakeModel)).toContain('on http://127.0.0.1:8080 (Ctrl-C');
});
