import { describe, expect, it } from 'vitest';
import { createServingMetrics } from '../../../../src/lib/server/metrics/serving-metrics.js';
import { FleetMetrics } from '../../../../src/lib/server/workers/fleet-metrics.js';
import { fakeModel } from '../../../support/fake-predictor.js';

/** A worker's metrics after this many predictions, `inFlight` of which are not answered yet. */
async function workerMetrics(predictions: number, inFlight = 0) {
  const metrics = await createServingMetrics({ model: fakeModel, slos: [], process: false });
  const route = metrics.route('/api', 'prediction', [200]);
  for (let request = 0; request < predictions + inFlight; request++) route.started();
  for (let request = 0; request < predictions; request++) route.finished(200, 3);
  // Between processes they travel as JSON.
  return JSON.parse(JSON.stringify(await metrics.registry.getMetricsAsJSON()));
}

async function series(fleet: FleetMetrics, name: string): Promise<number> {
  const line = (await fleet.text()).split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

const requests = 'mlops_requests_total{route="/api",code="200"}';

describe('the metrics of several workers', () => {
  it('are sums, but the model is there once', async () => {
    const fleet = new FleetMetrics();
    fleet.reported(1, 0, await workerMetrics(3, 1));
    fleet.reported(2, 0, await workerMetrics(4, 2));
    expect(await series(fleet, requests)).toBe(7);
    expect(await series(fleet, 'mlops_request_duration_seconds_bucket{le="0.005"}')).toBe(7);
    expect(await series(fleet, 'mlops_request_duration_seconds_sum')).toBeCloseTo(0.021);
    expect(await series(fleet, 'mlops_in_flight')).toBe(3);
    expect(await series(fleet, `mlops_model_info{name="fake",version="7",digest="${'d'.repeat(64)}"}`)).toBe(1);
  });

  it('do not drop when workers die, and what was in flight dies with them', async () => {
    const fleet = new FleetMetrics();
    for (const worker of [1, 2, 3]) {
      fleet.reported(worker, 0, await workerMetrics(10, 5));
      fleet.retire(worker);
      expect(await series(fleet, requests)).toBe(10 * worker);
    }
    fleet.reported(4, 0, await workerMetrics(1, 1));
    expect(await series(fleet, requests)).toBe(31);
    expect(await series(fleet, 'mlops_request_duration_seconds_count')).toBe(31);
    expect(await series(fleet, 'mlops_in_flight')).toBe(1);
  });

  it('are fresh: every worker is asked, and its latest report counts once', async () => {
    const fleet = new FleetMetrics();
    fleet.reported(1, 0, await workerMetrics(1));
    const later = [await workerMetrics(5), await workerMetrics(6)];
    const asked: number[] = [];
    await fleet.refresh([1, 2], (worker, round) => {
      asked.push(worker);
      fleet.reported(worker, round, later[worker - 1]);
    });
    expect(asked).toEqual([1, 2]);
    expect(await series(fleet, requests)).toBe(11);
  });

  it('are to be had although one worker is blocked or dies while it is asked', async () => {
    const fleet = new FleetMetrics();
    fleet.reported(1, 0, await workerMetrics(2));
    const fresh = await workerMetrics(3);
    await fleet.refresh([1, 2], (worker, round) => {
      if (worker === 2) fleet.reported(2, round, fresh);
    });
    expect(await series(fleet, requests)).toBe(5);
    await fleet.refresh([1, 2], (worker, round) => {
      if (worker === 2) fleet.reported(2, round, fresh);
      else fleet.retire(1);
    });
    expect(await series(fleet, requests)).toBe(5);
  });

  it('are refused once no worker has answered for half a minute, and are back with the first that does', async () => {
    let now = 0;
    const fleet = new FleetMetrics({ now: () => now });
    const report = await workerMetrics(2);
    fleet.reported(1, 0, report);
    now = 30_000;
    expect(await series(fleet, requests)).toBe(2);
    now = 31_000;
    await expect(fleet.text()).rejects.toThrow('no worker has answered for 31 s');
    fleet.retire(1);
    await expect(fleet.text()).rejects.toThrow('no worker has answered');
    fleet.reported(2, 0, report);
    expect(await series(fleet, requests)).toBe(4);
  });

  it('are asked for once when several scrapes come at the same time', async () => {
    const fleet = new FleetMetrics();
    const report = await workerMetrics(1);
    let asked = 0;
    const ask = (worker: number, round: number) => {
      asked++;
      setImmediate(() => fleet.reported(worker, round, report));
    };
    await Promise.all([fleet.refresh([1], ask), fleet.refresh([1], ask), fleet.refresh([1], ask)]);
    expect(asked).toBe(1);
  });
});
