import * as units from '@grafana/grafana-foundation-sdk/units';
import { nodeProcess, serving } from '../metric-names.js';
import { type DashboardContext, stableUid } from './context.js';
import { type BuiltDashboard, buildDashboard, type Row } from './dashboard.js';
import { bucketHeatmap, figure, timeSeries } from './panels.js';
import { clients, errorRatio, mean, percentiles, quantile, selected, window } from './service-queries.js';
import { promql } from './targets.js';
import { scrapeVariables } from './variables.js';

const source = 'prometheus';

const now: Row = {
  title: 'Now',
  panels: [
    figure({
      title: 'Requests',
      description: 'Requests of clients per second, without health checks and scrapes.',
      unit: units.RequestsPerSecond,
      source,
      span: 4,
      graph: true,
      targets: [promql(`sum(rate(${serving.requests}{${clients}}${window}))`, 'requests')],
    }),
    figure({
      title: 'Errors',
      description:
        'Share of requests that were answered with 5xx. What it means for the month is on the SLO dashboard.',
      unit: units.PercentUnit,
      decimals: 2,
      source,
      span: 4,
      graph: true,
      thresholds: [{ colour: 'green' }, { from: 0.001, colour: 'yellow' }, { from: 0.01, colour: 'red' }],
      targets: [promql(errorRatio, '5xx')],
    }),
    figure({
      title: 'Latency p99',
      description: '99 of 100 prediction requests are answered within this time, as the server sees it.',
      unit: units.Seconds,
      source,
      span: 4,
      graph: true,
      targets: [promql(quantile(0.99, serving.requestDuration), 'p99')],
    }),
    figure({
      title: 'In flight',
      description: 'Prediction requests that are being answered at this moment.',
      unit: units.Short,
      source,
      span: 4,
      graph: true,
      targets: [promql(`sum(${serving.inFlight}{${selected}})`, 'in flight')],
    }),
    figure({
      title: 'Turned away',
      description: 'Requests per second that a full queue, a timeout or the memory limit refused.',
      unit: units.RequestsPerSecond,
      source,
      span: 4,
      thresholds: [{ colour: 'green' }, { from: 0.001, colour: 'red' }],
      targets: [promql(`sum(rate(${serving.rejected}{${selected}}${window}))`, 'turned away')],
    }),
    figure({
      title: 'Model',
      description: 'Name and version of what is served. Two of them: a rollout is under way.',
      unit: units.Short,
      source,
      span: 4,
      showName: true,
      targets: [
        promql(`count by (name, version) (${serving.modelInfo}{${selected}})`, '{{name}} {{version}}', {
          instant: true,
        }),
      ],
    }),
  ],
};

const rate: Row = {
  title: 'Rate and errors',
  panels: [
    timeSeries({
      title: 'Requests by status code',
      description:
        '499 is a client that went away before its answer. 4xx is the fault of the client and counts for no SLO.',
      unit: units.RequestsPerSecond,
      source,
      span: 8,
      stacked: true,
      targets: [promql(`sum by (code) (rate(${serving.requests}{${clients}}${window}))`, '{{code}}')],
    }),
    timeSeries({
      title: 'Share of 5xx',
      description: 'Timeouts and refusals under overload are 5xx too.',
      unit: units.PercentUnit,
      min: 0,
      source,
      span: 8,
      targets: [promql(errorRatio, '5xx')],
    }),
    timeSeries({
      title: 'Turned away by reason',
      description:
        'queue_full: more rows wait than serve.limits.queue allows. timeout: serve.limits.timeout. memory: request bodies.',
      unit: units.RequestsPerSecond,
      min: 0,
      source,
      span: 8,
      targets: [promql(`sum by (reason) (rate(${serving.rejected}{${selected}}${window}))`, '{{reason}}')],
    }),
  ],
};

const latency: Row = {
  title: 'Latency',
  panels: [
    timeSeries({
      title: 'Prediction requests',
      description:
        'From the headers of a request to its answer, without 4xx; percentiles are read off the buckets of the histogram.',
      unit: units.Seconds,
      min: 0,
      source,
      span: 8,
      targets: percentiles(serving.requestDuration),
    }),
    bucketHeatmap({
      title: 'Prediction requests, all of them',
      description: 'Two bands are two kinds of requests, which no percentile shows.',
      unit: units.Seconds,
      source,
      span: 8,
      targets: [
        promql(`sum by (le) (increase(${serving.requestDuration}_bucket{${selected}}${window}))`, '{{le}}', {
          heatmap: true,
        }),
      ],
    }),
    timeSeries({
      title: 'Queue delay',
      description:
        'How long rows wait for a run of the model. It grows first when the server is too small for its load.',
      unit: units.Seconds,
      min: 0,
      source,
      span: 8,
      targets: percentiles(serving.queueDelay),
    }),
  ],
};

const model: Row = {
  title: 'Model',
  panels: [
    timeSeries({
      title: 'Runs of the model',
      description: 'Duration of one run, which takes a whole batch.',
      unit: units.Seconds,
      min: 0,
      source,
      span: 8,
      targets: percentiles(serving.inferenceDuration),
    }),
    timeSeries({
      title: 'Rows per run',
      description: 'Batches grow with the load, up to the cap: at the cap the model is the bottleneck.',
      unit: units.Short,
      min: 0,
      source,
      span: 8,
      targets: [promql(mean(serving.batchRows), 'mean'), promql(quantile(0.95, serving.batchRows), 'p95')],
    }),
    timeSeries({
      title: 'Rows predicted',
      description: 'Rows of all requests per second.',
      unit: units.CountsPerSecond,
      min: 0,
      source,
      span: 8,
      targets: [promql(`sum(rate(${serving.batchRows}_sum{${selected}}${window}))`, 'rows')],
    }),
  ],
};

const saturation: Row = {
  title: 'Saturation',
  panels: [
    timeSeries({
      title: 'In flight',
      description: 'Prediction requests that are being answered, by instance.',
      unit: units.Short,
      min: 0,
      source,
      span: 6,
      targets: [promql(`sum by (instance) (${serving.inFlight}{${selected}})`, '{{instance}}')],
    }),
    timeSeries({
      title: 'CPU',
      description: 'Cores in use by instance, all its workers together.',
      unit: units.Short,
      min: 0,
      source,
      span: 6,
      targets: [promql(`sum by (instance) (rate(${nodeProcess.cpuSeconds}{${selected}}${window}))`, '{{instance}}')],
    }),
    timeSeries({
      title: 'Memory',
      description: 'Resident memory by instance, all its workers together.',
      unit: units.BytesIEC,
      min: 0,
      source,
      span: 6,
      targets: [promql(`sum by (instance) (${nodeProcess.residentBytes}{${selected}})`, '{{instance}}')],
    }),
    timeSeries({
      title: 'Event loop lag p99',
      description:
        'How late timers fire: about 10 ms is the resolution of the measurement; beyond it the process is short of CPU.',
      unit: units.Seconds,
      min: 0,
      source,
      span: 6,
      targets: [promql(`max by (instance) (${nodeProcess.eventLoopLagP99}{${selected}})`, '{{instance}}')],
    }),
  ],
};

/** Rate, errors, latency and saturation of `mlops serve`, wherever Prometheus scrapes it. */
export function serviceDashboard(context: DashboardContext): BuiltDashboard {
  const { project } = context;
  return buildDashboard({
    name: 'service',
    uid: stableUid(project, 'service'),
    title: `${project}: Service`,
    description: 'What mlops serve counts at /metrics, scraped by Prometheus.',
    project,
    from: 'now-3h',
    variables: scrapeVariables(project, serving.modelInfo, context),
    rows: [now, rate, latency, model, saturation],
  });
}
