import { createRecorder, encode, record, summarise } from '../../src/lib/load-test/histogram.js';
import type { LoadTestResult } from '../../src/lib/load-test/result.js';
import type { ShardReport } from '../../src/lib/load-test/shard.js';

/** The report of a thread in which `right` requests were answered rightly, in these many milliseconds each. */
export function shardReport(right: readonly number[], overrides: Partial<ShardReport> = {}): ShardReport {
  const latencies = createRecorder();
  for (const ms of right) record(latencies, ms);
  return {
    windowMs: 1_000,
    sent: right.length,
    ok: right.length,
    failed: 0,
    timeouts: 0,
    lost: 0,
    connectErrors: 0,
    connects: 1,
    byStatus: { 200: right.length },
    failures: {},
    firstFailure: null,
    afterEnd: { ok: 0, failed: 0, timeouts: 0, lost: 0, unanswered: 0 },
    all: encode(latencies),
    right: encode(latencies),
    slo: { clientErrors: 0, counts: [] },
    busy: { sampled: 1, samples: 20, byLatency: 1 },
    generator: { eventLoopDelayP99Ms: 1, utilization: 0.5 },
    ...overrides,
  };
}

/** A complete result: 2,000 requests in two seconds, all right unless told otherwise. */
export function sampleResult(overrides: Partial<LoadTestResult> = {}): LoadTestResult {
  const latencies = createRecorder();
  for (let index = 0; index < 2_000; index++) record(latencies, 20 + (index % 100) / 10);
  const summary = summarise(latencies);
  const { encoded } = encode(latencies);
  return {
    schemaVersion: 1,
    verdict: 'pass',
    reasons: [],
    notes: ['Target and generator shared the 2 CPUs of one machine.'],
    startedAt: '2026-01-02T03:04:05.678Z',
    target: {
      url: 'http://127.0.0.1:8080/api',
      method: 'POST',
      served: true,
      model: 'flight-delay',
      distinctRequests: 552,
      check: 'a complete answer with a 2xx status',
      insecure: false,
    },
    load: {
      model: 'closed',
      connections: 50,
      threads: 1,
      durationSeconds: 2,
      measuredSeconds: 2,
      timeoutSeconds: 10,
      rate: null,
      arrivals: null,
    },
    requests: {
      planned: null,
      sent: 2_000,
      answered: 1_950,
      ok: 1_950,
      failed: 0,
      timeouts: 0,
      lost: 0,
      connectErrors: 0,
      inFlightAtEnd: 50,
      late: null,
      byStatus: { 200: 1_950 },
      afterEnd: { ok: 50, failed: 0, timeouts: 0, lost: 0, unanswered: 0 },
      connects: 50,
    },
    throughput: { meanPerSecond: 975 },
    latencyMs: summary,
    serviceTimeMs: summary,
    okLatencyMs: summary,
    gates: [
      { name: 'min-requests', rule: 'ok >= 1000', value: 1_950, threshold: 1_000, passed: true },
      { name: 'errors', rule: 'errors == 0 %', value: 0, threshold: 0, passed: true },
    ],
    slos: [],
    failures: [],
    firstFailure: null,
    timeline: [
      { second: 0, ok: 1_000, failed: 0, p50: 25, p99: 29.9 },
      { second: 1, ok: 950, failed: 0, p50: 24, p99: null },
    ],
    generator: { threads: 1, eventLoopDelayP99Ms: 0.4, utilization: 0.31, busyConnections: 49.9, busyByLatency: 49.8 },
    environment: {
      mlops: '1.2.3',
      node: '24.0.0',
      platform: 'linux 6.0',
      cpus: 2,
      cpuModel: 'Test CPU',
      memoryBytes: 2 ** 33,
      sameHost: true,
    },
    histograms: { all: encoded, ok: encoded },
    ...overrides,
  };
}

/** The run that was once reported as 61,242 requests: all of them answered with an error. */
export function allWrongResult(body: string): LoadTestResult {
  const sample = sampleResult();
  const nothing = encode(createRecorder()).encoded;
  return sampleResult({
    verdict: 'fail',
    reasons: [
      '0 right answers, at least 50,000 were asked for',
      '61,242 errors in 61,242 requests and connects, none is allowed',
    ],
    requests: {
      ...sample.requests,
      sent: 61_242,
      answered: 61_242,
      ok: 0,
      failed: 61_242,
      byStatus: { 400: 61_242 },
      inFlightAtEnd: 0,
    },
    throughput: { meanPerSecond: 0 },
    okLatencyMs: { mean: null, p50: null, p90: null, p95: null, p99: null, p999: null, max: null },
    gates: [
      { name: 'min-requests', rule: 'ok >= 50000', value: 0, threshold: 50_000, passed: false },
      { name: 'errors', rule: 'errors == 0 %', value: 100, threshold: 0, passed: false },
    ],
    failures: [{ reason: 'status 400', count: 61_242 }],
    firstFailure: { reason: 'status 400', status: 400, body, atMs: 3.4 },
    timeline: [{ second: 0, ok: 0, failed: 61_242, p50: 4, p99: 9 }],
    histograms: { all: sample.histograms.all, ok: nothing },
  });
}
