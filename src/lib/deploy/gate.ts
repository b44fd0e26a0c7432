import { InvalidMeasurementError, VerdictError } from '../base/errors/mlops-error.js';
import type { Reporter } from '../base/progress/reporter.js';
import { formatCount } from '../base/units.js';
import type { LoadTestOptions } from '../load-test/options.js';
import type { LoadTestResult } from '../load-test/result.js';
import type { LoadTestDeps } from '../load-test/run-load-test.js';
import type { Reachable } from './target.js';

/** A short load test with the rate that the project's load test asks for. */
export interface GateOptions {
  readonly durationMs: number;
  readonly connections: number;
  readonly minRequests: number;
  /** JSON to send; undefined: the rows of the flight-delay model. */
  readonly body: string | undefined;
}

export interface ProjectLoadTest {
  readonly connections: number;
  readonly durationMs: number;
  readonly minRequests: number;
}

/**
 * Scales the project's minimum to the shorter duration: the rate that is asked for stays.
 * @param row what to send; undefined: the rows of the flight-delay model in turn
 */
export function gateOptions(
  project: ProjectLoadTest,
  durationMs: number,
  row: readonly number[] | undefined,
): GateOptions {
  return {
    durationMs,
    connections: project.connections,
    minRequests: Math.ceil((project.minRequests * durationMs) / project.durationMs),
    body: row === undefined ? undefined : JSON.stringify({ array: row }),
  };
}

export type Gate = (reachable: Reachable, stop: AbortSignal) => Promise<LoadTestResult>;

/**
 * The load-test feature, pointed at a revision that has no traffic yet (or, on Kubernetes, at one of its pods). Where the way
 * carries less than the service can do, as many right answers as connections are all that is asked for, and a note says so.
 */
export function createGate(options: GateOptions, deps: Omit<LoadTestDeps, 'interrupt'>): Gate {
  return async ({ url, headers, carries }, stop) => {
    const { runLoadTest } = await import('../load-test/run-load-test.js');
    const connections = Math.min(options.connections, carries?.connections ?? options.connections);
    const request: LoadTestOptions = {
      url: `${url}/api`,
      connections,
      durationMs: options.durationMs,
      threads: 1,
      timeoutMs: 10_000,
      minRequests: carries === undefined ? options.minRequests : connections,
      method: undefined,
      headers: headers.map(([name, value]) => `${name}: ${value}`),
      body: options.body,
      insecure: false,
    };
    const result = await runLoadTest(request, { ...deps, interrupt: stop });
    return carries === undefined ? result : { ...result, notes: [...result.notes, carries.why] };
  };
}

/** Throws VerdictError `GATE_FAILED` or InvalidMeasurementError `GATE_INVALID` with every reason. */
export function requirePass(result: LoadTestResult, reporter: Reporter): void {
  if (result.verdict === 'pass') {
    reporter.note([`Gate: ${gateText(result)}`, ...result.notes].join('. '));
    return;
  }
  const why = [...result.reasons, gateText(result)].join('\n');
  const actions = ['mlops load-test URL --html report.html shows more'];
  if (result.verdict === 'invalid') {
    throw new InvalidMeasurementError('The gate could not be measured', { code: 'GATE_INVALID', why, actions });
  }
  throw new VerdictError('The deployed service did not pass the gate', { code: 'GATE_FAILED', why, actions });
}

export function gateText({ requests, load, latencyMs }: LoadTestResult): string {
  const p99 = latencyMs.p99 === null ? '' : `, p99 ${latencyMs.p99} ms`;
  return `${formatCount(requests.ok)} right answers in ${load.measuredSeconds} s over ${load.connections} connections${p99}`;
}
