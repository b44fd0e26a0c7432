import { describe, expect, it } from 'vitest';
import { createServingMetrics } from '../../../../src/lib/server/metrics/serving-metrics.js';
import { createTranscriptionMetrics } from '../../../../src/lib/server/metrics/transcription-metrics.js';
import { defaultSpeechSlos } from '../../../../src/lib/slo/defaults.js';
import type { Slo } from '../../../../src/lib/slo/types.js';
import { testApp } from '../../../support/app.js';
import { fakeModel } from '../../../support/fake-predictor.js';

const day = 86_400_000;
const slos: readonly Slo[] = [
  { name: 'availability', sli: 'availability', target: 0.999, windowMs: day },
  { name: 'fast', sli: 'latency', thresholdMs: 70, target: 0.99, windowMs: day },
];

async function measured() {
  const metrics = await createServingMetrics({ model: fakeModel, slos, process: false });
  const lines = async () => (await metrics.registry.metrics()).split('\n').filter((line) => line !== '');
  return { metrics, lines };
}

describe('metrics', () => {
  it('are all there at 0 from the start', async () => {
    const { app } = await testApp();
    const { body, headers } = await app.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    const expected = [
      'mlops_requests_total{route="/api",code="200"} 0',
      'mlops_requests_total{route="/api",code="400"} 0',
      'mlops_requests_total{route="/api",code="503"} 0',
      'mlops_requests_total{route="(unmatched)",code="404"} 0',
      'mlops_requests_total{route="(malformed)",code="400"} 0',
      'mlops_request_duration_seconds_bucket{le="0.1"} 0',
      'mlops_request_duration_seconds_bucket{le="+Inf"} 0',
      'mlops_request_duration_seconds_sum 0',
      'mlops_request_duration_seconds_count 0',
      'mlops_queue_delay_seconds_count 0',
      'mlops_inference_duration_seconds_count 0',
      'mlops_batch_rows_count 0',
      'mlops_in_flight 0',
      'mlops_rejected_total{reason="queue_full"} 0',
      'mlops_rejected_total{reason="timeout"} 0',
      'mlops_rejected_total{reason="memory"} 0',
      `mlops_model_info{name="fake",version="7",digest="${'d'.repeat(64)}"} 1`,
      'mlops_slo_requests_total{slo="availability"} 0',
      'mlops_slo_requests_total{slo="latency"} 0',
      'mlops_slo_good_total{slo="availability"} 0',
      'mlops_slo_good_total{slo="latency"} 0',
    ];
    const lines = body.split('\n');
    expect(expected.filter((line) => !lines.includes(line))).toEqual([]);
    const types = [...body.matchAll(/^# TYPE (mlops_\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(types.sort()).toEqual([
      'mlops_batch_rows histogram',
      'mlops_in_flight gauge',
      'mlops_inference_duration_seconds histogram',
      'mlops_model_info gauge',
      'mlops_queue_delay_seconds histogram',
      'mlops_rejected_total counter',
      'mlops_request_duration_seconds histogram',
      'mlops_requests_total counter',
      'mlops_slo_good_total counter',
      'mlops_slo_requests_total counter',
    ]);
  });

  it('tell good from bad as the SLOs do: 4xx do not count, 5xx are bad, slow is bad for latency only', async () => {
    const { metrics, lines } = await measured();
    const route = metrics.route('/api', 'prediction', [200]);
    const outcomes = [
      [200, 70],
      [200, 70.1],
      [200, 1],
      [400, 1],
      [499, 500],
      [503, 1],
      [500, 90],
    ] as const;
    for (const [status, ms] of outcomes) {
      route.started();
      route.finished(status, ms);
    }
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'mlops_slo_requests_total{slo="availability"} 5',
        'mlops_slo_good_total{slo="availability"} 3',
        'mlops_slo_requests_total{slo="fast"} 5',
        'mlops_slo_good_total{slo="fast"} 2',
        'mlops_requests_total{route="/api",code="200"} 3',
        'mlops_requests_total{route="/api",code="499"} 1',
        'mlops_request_duration_seconds_bucket{le="0.07"} 3',
        'mlops_request_duration_seconds_bucket{le="0.1"} 5',
        'mlops_request_duration_seconds_count 5',
        'mlops_in_flight 0',
      ]),
    );
  });

  it('count other routes without touching SLOs and latencies', async () => {
    const { metrics, lines } = await measured();
    const route = metrics.route('/healthz', 'other', [200]);
    route.started();
    route.finished(503, 400);
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'mlops_requests_total{route="/healthz",code="503"} 1',
        'mlops_slo_requests_total{slo="availability"} 0',
        'mlops_request_duration_seconds_count 0',
      ]),
    );
  });

  it('show requests in flight, and what a run of the model was', async () => {
    const { metrics, lines } = await measured();
    metrics.route('/api', 'prediction', []).started();
    metrics.batches.waited(2);
    metrics.batches.ran(9, 0.2);
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'mlops_in_flight 1',
        'mlops_queue_delay_seconds_bucket{le="0.001"} 0',
        'mlops_queue_delay_seconds_bucket{le="0.0025"} 1',
        'mlops_inference_duration_seconds_bucket{le="0.00025"} 1',
        'mlops_batch_rows_bucket{le="8"} 0',
        'mlops_batch_rows_bucket{le="16"} 1',
        'mlops_batch_rows_sum 9',
      ]),
    );
  });

  it('follow the requests of a server, and never grow with the paths and statuses clients think of', async () => {
    const { app, metric, metrics } = await testApp();
    const series = async () =>
      (await metrics.registry.metrics()).split('\n').filter((line) => !line.startsWith('#')).length;
    const before = await series();
    await app.inject({ method: 'POST', url: '/api', payload: { array: [1, 2, 3] } });
    await app.inject({ method: 'POST', url: '/api', payload: { array: [1, 2] } });
    for (let path = 0; path < 50; path++) await app.inject(`/wp-admin/${path}`);
    expect(await metric('mlops_requests_total{route="/api",code="200"}')).toBe(1);
    expect(await metric('mlops_requests_total{route="/api",code="400"}')).toBe(1);
    expect(await metric('mlops_requests_total{route="(unmatched)",code="404"}')).toBe(50);
    expect(await metric('mlops_slo_good_total{slo="latency"}')).toBe(1);
    expect(await series()).toBe(before);
  });

  it('of the process are there as well, when wanted', async () => {
    const { registry } = await createServingMetrics({ model: fakeModel, slos, process: true });
    expect(await registry.metrics()).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it('that cannot be had are a 503, not numbers that are wrong', async () => {
    const { app } = await testApp({ scrape: () => Promise.reject(new Error('no answer')) });
    const answer = await app.inject('/metrics');
    expect([answer.statusCode, answer.json().error]).toEqual([503, expect.stringContaining('no answer')]);
  });
});

it('the histogram of a server of recordings reaches the thresholds of its SLOs, the default ones and odd ones', async () => {
  const odd: Slo = { name: 'odd', sli: 'latency', thresholdMs: 45_000, target: 0.99, windowMs: day };
  const metrics = await createTranscriptionMetrics({
    model: fakeModel,
    slos: [...defaultSpeechSlos, odd],
    process: false,
  });
  const route = metrics.route('/v1/audio/transcriptions', 'prediction', [200]);
  for (const ms of [2_000, 29_000, 40_000, 50_000]) {
    route.started();
    route.finished(200, ms);
  }
  const text = await metrics.registry.metrics();
  for (const line of [
    'mlops_request_duration_seconds_bucket{le="30"} 2',
    'mlops_request_duration_seconds_bucket{le="45"} 3',
    'mlops_slo_good_total{slo="latency"} 2',
    'mlops_slo_good_total{slo="odd"} 3',
    'mlops_slo_requests_total{slo="latency"} 4',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});
