import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listeningApp } from '../../support/app.js';
import { RawConnection, rawPost } from '../../support/raw-http.js';

describe('more than the server can take', () => {
  it('is turned away with 503 and Retry-After, the rest is answered, and afterwards all is as before', async () => {
    const { port, predictor, batcher, budget, metric, lines } = await listeningApp({
      limits: { queueRows: 100, batchRows: 32 },
    });
    predictor.hold();
    const first = new RawConnection(port).send(rawPost('{"array":[1,0,0]}'));
    await expect.poll(() => predictor.runs.length).toBe(1);

    const clients = Array.from({ length: 400 }, (_, index) =>
      new RawConnection(port).send(rawPost(`{"array":[${index},0,0]}`)),
    );
    const refused = () => clients.filter(({ statuses }) => statuses[0] === 503);
    await expect.poll(() => refused().length, { timeout: 10_000 }).toBe(300);
    expect(batcher.waitingRows).toBe(100);
    expect(refused().every(({ received }) => /^retry-after: 1\r$/m.test(received))).toBe(true);
    expect(lines.filter(({ reason }) => reason === 'queue_full').length).toBeLessThan(5);

    predictor.release();
    await expect.poll(() => clients.every(({ statuses }) => statuses.length === 1), { timeout: 10_000 }).toBe(true);
    expect(clients.filter(({ statuses }) => statuses[0] === 200)).toHaveLength(100);
    clients.forEach(({ statuses, bodies }, index) => {
      if (statuses[0] === 200) expect(bodies).toEqual([{ predicciones: [index] }]);
    });
    expect(Math.max(...predictor.runs)).toBeLessThanOrEqual(32);

    for (const client of clients) client.send(rawPost('{"array":[7,0,0]}'));
    await expect.poll(() => clients.every(({ statuses }) => statuses.length === 2), { timeout: 10_000 }).toBe(true);
    expect(first.statuses).toEqual([200]);
    expect([batcher.waitingRows, budget.usedBytes, await metric('mlops_in_flight')]).toEqual([0, 0, 0]);
    const rejected = await metric('mlops_rejected_total{reason="queue_full"}');
    expect(await metric('mlops_requests_total{route="/api",code="503"}')).toBe(rejected);
    expect(await metric('mlops_slo_requests_total{slo="availability"}')).toBe(801);
    expect(await metric('mlops_slo_good_total{slo="availability"}')).toBe(801 - (rejected ?? 0));
  });

  it('does not come back before the model has run: a refused connection is not read, its next request waits', async () => {
    const { port, predictor, metric } = await listeningApp({ limits: { queueRows: 8, batchRows: 8 } });
    const rejected = () => metric('mlops_rejected_total{reason="queue_full"}');
    predictor.hold();
    const first = new RawConnection(port).send(rawPost('{"array":[1,0,0]}'));
    await expect.poll(() => predictor.runs.length).toBe(1);
    const clients = Array.from({ length: 40 }, (_, index) =>
      new RawConnection(port).send(rawPost(`{"array":[${index},0,0]}`)),
    );
    await expect.poll(rejected).toBe(32);
    const refused = clients.filter(({ statuses }) => statuses[0] === 503);
    refused.forEach((client, index) => void client.send(rawPost(`{"array":[${index + 100},0,0]}`)));
    await setTimeout(300);
    expect(await rejected()).toBe(32);

    predictor.release();
    await expect.poll(() => refused.every(({ statuses }) => statuses.length === 2), { timeout: 10_000 }).toBe(true);
    expect(first.statuses).toEqual([200]);
    const answered = refused.filter(({ statuses }) => statuses[1] === 200);
    expect(answered.length).toBeGreaterThanOrEqual(8);
    expect(await rejected()).toBe(32 + refused.length - answered.length);
  });

  it('is let go when the server leaves, and told to go elsewhere', async () => {
    const { port, predictor, lifecycle } = await listeningApp({ limits: { queueRows: 2 } });
    predictor.hold();
    new RawConnection(port).send(rawPost('{"array":[1,0,0]}'));
    await expect.poll(() => predictor.runs.length).toBe(1);
    const clients = Array.from({ length: 4 }, () => new RawConnection(port).send(rawPost('{"array":[1,0,0]}')));
    const refused = () => clients.filter(({ statuses }) => statuses[0] === 503);
    await expect.poll(() => refused().length).toBe(2);
    for (const client of refused()) client.send(rawPost('{"array":[1,0,0]}'));
    lifecycle.enter('draining');
    await expect.poll(() => refused().every(({ statuses, closed }) => closed && statuses.length === 2)).toBe(true);
  });
});
