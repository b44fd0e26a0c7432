import type { Registry } from 'prom-client';
import { durationEdgesWith } from '../../slo/buckets.js';
import { classify } from '../../slo/classify.js';
import { sloGood, sloRequests } from '../../slo/metrics.js';
import type { Slo } from '../../slo/types.js';
import { PlainHistogram, type Tally, TallyCounter } from './instruments.js';

/** Why a request was turned away by a server that could not take it. */
export const rejectionReasons = ['queue_full', 'timeout', 'memory'] as const;
/** `storage`: no room for a further upload, which a server of predictions does not have. */
export type RejectionReason = (typeof rejectionReasons)[number] | 'storage';

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

export interface RequestMetricsOptions {
  readonly model: { readonly name: string; readonly version: string; readonly digest: string };
  readonly slos: readonly Slo[];
  /** CPU, memory and event loop of the process as well. */
  readonly process: boolean;
  /** Upper bounds of `mlops_request_duration_seconds` beside the usual ones and the thresholds of the SLOs, in seconds. */
  readonly durationEdges?: readonly number[];
  readonly reasons?: readonly RejectionReason[];
  /** What the requests are, for the texts of the metrics. */
  readonly requests: string;
}

/** What every model server counts of its requests, whatever the model is. Every series that can be known exists at 0. */
export async function createRequestMetrics(
  options: RequestMetricsOptions,
): Promise<RequestMetrics & { readonly registry: Registry }> {
  const { Registry, Gauge, collectDefaultMetrics } = await import('prom-client');
  const { model, slos, requests: what, durationEdges = [], reasons = rejectionReasons } = options;
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });

  const requests = new TallyCounter(registry, {
    name: 'mlops_requests_total',
    help: 'Requests by route and status code; 499 is a client that went away',
  });
  const bounds = [...new Set([...durationEdgesWith(slos), ...durationEdges])].sort((a, b) => a - b);
  const duration = new PlainHistogram(registry, {
    name: 'mlops_request_duration_seconds',
    help: `${what} from their headers to their answer, without those that were the fault of the client (4xx)`,
    bounds,
  });
  let inFlight = 0;
  new Gauge({
    name: 'mlops_in_flight',
    help: `${what} that are being answered`,
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  const rejected = new TallyCounter(registry, {
    name: 'mlops_rejected_total',
    help: 'Requests turned away because the server could not take them, by the limit that was reached',
  });
  const rejections = new Map(reasons.map((reason) => [reason, rejected.tally({ reason })]));
  new Gauge({
    name: 'mlops_model_info',
    help: 'The model that is served; always 1',
    labelNames: ['name', 'version', 'digest'],
    registers: [registry],
    aggregator: 'first',
  }).set({ name: model.name, version: model.version, digest: model.digest }, 1);
  const countSlos = sloCounters(slos, registry, what);

  return {
    registry,
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
function sloCounters(
  slos: readonly Slo[],
  registry: Registry,
  what: string,
): (status: number, durationMs: number) => void {
  const help = `${what} that count for the SLO`;
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
