import { MlopsError, UsageError } from '../base/errors/mlops-error.js';
import { parseDuration } from '../base/units.js';
import { requireSlos } from '../slo/lint.js';
import type { Slo } from '../slo/types.js';
import { resolveHeaderSecrets } from './header-secrets.js';
import { prepareReports, reportFiles, writeReports } from './reports.js';
import type { LoadTestResult } from './result.js';
import { type LoadTestDeps, runLoadTest } from './run-load-test.js';

/** A load test as people write it; what is missing comes from the project. */
export interface LoadTestRequest {
  readonly url: string | undefined;
  readonly connections: number | undefined;
  /** Such as `45s`. */
  readonly duration: string | undefined;
  readonly threads: number;
  readonly timeout: string;
  readonly minRequests: number | undefined;
  readonly method: string | undefined;
  readonly headers: readonly string[];
  readonly body: string | undefined;
  readonly insecure: boolean;
  /** Judge the run against the SLOs of the project. */
  readonly slo: boolean;
  /** Files for the result as JSON and as HTML, relative to `cwd`. */
  readonly output: string | undefined;
  readonly html: string | undefined;
}

export interface LoadTestDefaults {
  readonly connections: number;
  readonly durationMs: number;
  readonly minRequests: number;
}

/**
 * The whole of `mlops load-test`: reads the request, runs the test and writes the reports, whatever the verdict.
 * Throws as `runLoadTest` and `resolveSecret` do; UsageError `INVALID_DURATION` and `REPORT_PATH` before anything is started.
 */
export async function loadTest(
  request: LoadTestRequest,
  deps: LoadTestDeps & {
    readonly defaults: LoadTestDefaults;
    readonly slos: readonly Slo[];
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): Promise<LoadTestResult> {
  const { defaults } = deps;
  const options = {
    ...request,
    connections: request.connections ?? defaults.connections,
    durationMs: request.duration === undefined ? defaults.durationMs : duration('--duration', request.duration),
    timeoutMs: duration('--timeout', request.timeout),
    minRequests: request.minRequests ?? defaults.minRequests,
    slos: request.slo ? requireSlos(deps.slos) : undefined,
    headers: await resolveHeaderSecrets(request.headers, { env: deps.env, baseDir: deps.cwd }),
  };
  const files = reportFiles(deps.cwd, request);
  await prepareReports(files);
  const result = await runLoadTest(options, deps);
  await writeReports(result, files);
  for (const path of [files.json, files.html]) if (path !== undefined) deps.reporter.note(`Report: ${path}`);
  return result;
}

function duration(flag: string, text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    const why = error.why === undefined ? {} : { why: error.why };
    throw new UsageError(`${flag} ${text} is not a duration`, { code: error.code, ...why });
  }
}
