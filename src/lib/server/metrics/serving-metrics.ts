import type { Registry } from 'prom-client';
import type { BatchObserver } from '../../inference/batcher.js';
import type { Model } from '../../model/types.js';
import { durationEdgesWith } from '../../slo/buckets.js';
import { classify } from '../../slo/classify.js';
import { sloGood, sloRequests } from '../../slo/metrics.js';
import type { Slo } from '../../slo/types.js';
import { PlainHistogram, type Tally, TallyCounter } from './instruments.js';

/** Why a request was turned away by a server that could not take it. */
export const rejectionReasons = ['queue_full', 'timeout', 'memory'] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** Route label of what no route answers: its paths are a client's invention and would have no bound as labels. */
export const unmatchedRoute = '(unmatched)';
/** Route label of what is not even an HTTP request. */
export const malformedRoute = '(malformed)';

/** What one route reports. */
export interface RouteMeter {
  started(): void;
  /** Exactly once per `started`. */
  finished(status: number, durationMs: number): void;
}

/** What is counted of requests. */
export interface RequestMetrics {
  /** @param statuses those that the route is known to answer with: their series exist from the start */
  route(path: string, kind: 'prediction' | 'other', statuses: readonly number[]): RouteMeter;
  rejected(reason: RejectionReason): void;
}

export interface ServingMetrics extends RequestMetrics {
  readonly registry: Registry;
  readonly batches: BatchObserver;
}

export interface ServingMetricsOptions {
  readonly model: Pick<Model, 'name' | 'version' | 'digest'>;
  readonly slos: readonly Slo[];
  /** CPU, memory and event loop of the process as well. */
  readonly process: boolean;
}

const shortBounds = [0.0001, 0.00025, 0.0005, ...durationEdgesWith([])];
const rowBounds = Array.from({ length: 13 }, (_, exponent) => 2 ** exponent);

/** The metrics of one serving process, under the names of the contract. Every series that can be known exists at 0. */
export async function createServingMetrics(options: ServingMetricsOptions): Promise<ServingMetrics> {
  const { Registry, Gauge, collectDefaultMetrics } = await import('prom-client');
  const { model, slos } = options;
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });

  const requests = new TallyCounter(registry, {
    name: 'mlops_requests_total',
    help: 'Requests by route and status code; 499 is a client that went away',
  });
  const duration = new PlainHistogram(registry, {
    name: 'mlops_request_duration_seconds',
    help: 'Prediction requests from their headers to their answer, without those that were the fault of the client (4xx)',
    bounds: durationEdgesWith(slos),
  });
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
  let inFlight = 0;
  new Gauge({
    name: 'mlops_in_flight',
    help: 'Prediction requests that are being answered',
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  const rejected = new TallyCounter(registry, {
    name: 'mlops_rejected_total',
    help: 'Requests turned away because the server could not take them, by the limit that was reached',
  });
  const rejections = new Map(rejectionReasons.map((reason) => [reason, rejected.tally({ reason })]));
  new Gauge({
    name: 'mlops_model_info',
    help: 'The model that is served; always 1',
    labelNames: ['name', 'version', 'digest'],
    registers: [registry],
    aggregator: 'first',
  }).set({ name: model.name, version: model.version, digest: model.digest }, 1);
  const countSlos = sloCounters(slos, registry);

  return {
    registry,
    batches: {
      waited: (ms) => queueDelay.observe(ms / 1000),
      ran(rows, ms) {
        inference.observe(ms / 1000);
        batchRows.observe(rows);
      },
    },
    route(path, kind, statuses) {
      const count = requestCounter(requests, path, statuses);
      if (kind === 'other') return { started() {}, finished: count };
      return {
        started() {
          inFlight++;
        },
        finished(status, durationMs) {
          inFlight--;
          count(status);
          if (status < 400 || status >= 500) duration.observe(durationMs / 1000);
          countSlos(status, durationMs);
        },
      };
    },
    rejected(reason) {
      (rejections.get(reason) as Tally).count++;
    },
  };
}

function requestCounter(counter: TallyCounter, route: string, statuses: readonly number[]): (status: number) => void {
  const tallies = new Map<number, Tally>();
  const tallyOf = (status: number) => {
    const tally = counter.tally({ route, code: String(status) });
    tallies.set(status, tally);
    return tally;
  };
  statuses.forEach(tallyOf);
  return (status) => {
    (tallies.get(status) ?? tallyOf(status)).count++;
  };
}

/** `mlops_slo_requests_total{slo}` and `mlops_slo_good_total{slo}`: what counts, and what of it was good. */
function sloCounters(slos: readonly Slo[], registry: Registry): (status: number, durationMs: number) => void {
  const help = 'Prediction requests that count for the SLO';
  const totals = new TallyCounter(registry, { name: sloRequests, help });
  const goods = new TallyCounter(registry, { name: sloGood, help: `${help} and were good` });
  const counters = slos.map((slo) => {
    const labels = { slo: slo.name };
    return { slo, total: totals.tally(labels), good: goods.tally(labels) };
  });
  return (status, durationMs) => {
    const outcome = { status, durationMs };
    for (const { slo, total, good } of counters) {
      const verdict = classify(slo, outcome);
      if (verdict === 'excluded') continue;
      total.count++;
      if (verdict === 'good') good.count++;
    }
  };
}
