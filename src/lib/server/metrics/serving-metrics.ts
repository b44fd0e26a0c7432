import type { Registry } from 'prom-client';
import type { BatchObserver } from '../../inference/batcher.js';
import { durationEdgesWith } from '../../slo/buckets.js';
import { PlainHistogram } from './instruments.js';
import { createRequestMetrics, type RequestMetrics, type RequestMetricsOptions } from './request-metrics.js';

export interface ServingMetrics extends RequestMetrics {
  readonly registry: Registry;
  readonly batches: BatchObserver;
}

const shortBounds = [0.0001, 0.00025, 0.0005, ...durationEdgesWith([])];
const rowBounds = Array.from({ length: 13 }, (_, exponent) => 2 ** exponent);

/** The metrics of one process that serves predictions, under the names of the contract. */
export async function createServingMetrics(
  options: Pick<RequestMetricsOptions, 'model' | 'slos' | 'process'>,
): Promise<ServingMetrics> {
  const requests = await createRequestMetrics({ ...options, requests: 'Prediction requests' });
  const { registry } = requests;
  const queueDelay = new PlainHistogram(registry, {
    name: 'mlops_queue_delay_seconds',
    help: 'Time that the rows of a request wait for a run of the model',
    bounds: shortBounds,
  });
  const inference = new PlainHistogram(registry, {
    name: 'mlops_inference_duration_seconds',
    help: 'Runs of the model',
    bounds: shortBounds,
  });
  const batchRows = new PlainHistogram(registry, {
    name: 'mlops_batch_rows',
    help: 'Rows per run of the model',
    bounds: rowBounds,
  });
  return {
    ...requests,
    batches: {
      waited: (ms) => queueDelay.observe(ms / 1000),
      ran(rows, ms) {
        inference.observe(ms / 1000);
        batchRows.observe(rows);
      },
    },
  };
}
