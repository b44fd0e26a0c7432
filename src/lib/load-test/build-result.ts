import { cpus as cpuList, platform, release, totalmem } from 'node:os';
import type { GeneratedLoad } from './generate.js';
import { round3, summarise } from './histogram.js';
import type { LoadTestOptions } from './options.js';
import type { RequestPlan } from './request-plan.js';
import type { LoadTestResult } from './result.js';
import { judgeSlos, sloFailures, sloGates } from './slo-gates.js';
import { tally } from './tally.js';
import { invalidReasons, notesOn } from './validity.js';
import { decide, failureReasons, judgeGates } from './verdict.js';

export interface ResultInput {
  readonly options: LoadTestOptions;
  readonly plan: RequestPlan;
  readonly load: GeneratedLoad;
  /** Name of the model that was served for the test. */
  readonly model: string | null;
  readonly interrupted: boolean;
  /** How the server of the test ended, when it ended before the load did. */
  readonly serverEnded: string | undefined;
  readonly sameHost: boolean;
  readonly cpus: number;
  readonly versions: { readonly mlops: string; readonly node: string };
}

/** Merges, checks and judges what the threads measured. */
export function buildResult(input: ResultInput): LoadTestResult {
  const { options, plan, load, interrupted, serverEnded, sameHost, cpus, versions } = input;
  const { connections, threads, insecure, minRequests } = options;
  const sum = tally(load.reports);
  const { requests, measuredMs } = sum;
  const slos = judgeSlos(options.slos ?? [], sum.slo);
  const [enough, errors] = judgeGates(requests, minRequests);
  const gates = slos.length === 0 ? [enough, errors] : [enough, ...sloGates(slos, requests, sum.slo)];
  const invalid = invalidReasons({
    tally: sum,
    timeline: load.timeline,
    missing: load.missing,
    minRequests,
    connections: options.connections,
  });
  const failed = [...failureReasons(requests, gates, minRequests), ...sloFailures(slos, gates, requests, sum.slo)];
  if (serverEnded !== undefined && !interrupted) failed.unshift(`the server of this test ${serverEnded}`);
  const latencies = summarise(sum.all);
  return {
    schemaVersion: 1,
    verdict: decide({ interrupted, invalid, failed }),
    reasons: interrupted ? [`interrupted after ${(measuredMs / 1000).toFixed(1)} s`] : [...invalid, ...failed],
    notes: notesOn({ tally: sum, threads, connections, cpus, sameHost, insecure }),
    startedAt: load.startedAt.toISOString(),
    target: {
      url: plan.target.shown,
      method: plan.method,
      served: input.model !== null,
      model: input.model,
      distinctRequests: plan.requests.length,
      check: describeCheck(plan),
      insecure,
    },
    load: {
      model: 'closed',
      connections,
      threads,
      durationSeconds: options.durationMs / 1000,
      measuredSeconds: round3(measuredMs / 1000),
      timeoutSeconds: options.timeoutMs / 1000,
      rate: null,
      arrivals: null,
    },
    requests,
    throughput: { meanPerSecond: measuredMs > 0 ? round3(requests.ok / (measuredMs / 1000)) : 0 },
    latencyMs: latencies,
    serviceTimeMs: latencies,
    okLatencyMs: summarise(sum.right),
    gates,
    slos,
    failures: sum.failures,
    firstFailure: sum.firstFailure,
    timeline: load.timeline,
    generator: {
      threads,
      eventLoopDelayP99Ms: sum.eventLoopDelayP99Ms,
      utilization: sum.utilization.max,
      busyConnections: round3(sum.busy.sampled),
      busyByLatency: round3(sum.busy.byLatency),
    },
    environment: {
      mlops: versions.mlops,
      node: versions.node,
      platform: `${platform()} ${release()}`,
      cpus,
      cpuModel: cpuList()[0]?.model.trim() ?? 'unknown',
      memoryBytes: totalmem(),
      sameHost,
    },
    histograms: sum.histograms,
  };
}

function describeCheck({ check }: RequestPlan): string {
  if (check.kind === 'status') return 'a complete answer with a 2xx status';
  const predictions = 'a complete 2xx answer with one integer in predicciones for each row';
  return check.expected === undefined ? predictions : `${predictions}, equal to the answer to the same rows alone`;
}
