import { availableParallelism } from 'node:os';
import { InterruptedError } from '../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../base/progress/reporter.js';
import { formatCount, formatDuration } from '../base/units.js';
import { openModel } from '../model/open.js';
import type { Model } from '../model/types.js';
import type { ProcessRunner } from '../platform/process/runner.js';
import { buildResult } from './build-result.js';
import { generateLoad } from './generate.js';
import { checkOptions, type LoadTestOptions } from './options.js';
import { type Preflight, preflight } from './preflight.js';
import { progressLine } from './progress-line.js';
import { withReferences } from './references.js';
import { serialise } from './request.js';
import { planRequests, type RequestPlan } from './request-plan.js';
import type { LoadTestResult } from './result.js';
import { flightDelayRows, rowsFor } from './rows.js';
import { type ServeCommand, type ServedModel, serveModel } from './served-model.js';
import type { OpenShard, ShardConfig } from './shard.js';
import { parseTarget } from './target.js';
import { openThread } from './thread.js';

export interface LoadTestDeps {
  readonly reporter: Reporter;
  readonly runner: ProcessRunner;
  /** Ends the test; what was measured by then is the result. */
  readonly interrupt: AbortSignal;
  /** Where relative paths of the command line start. */
  readonly cwd: string;
  /** The model that is served when no URL is given; undefined is the bundled one. `baseDir`: see `openModel`. */
  readonly model: { readonly reference: string | undefined; readonly baseDir: string };
  readonly serve: ServeCommand;
  readonly versions: { readonly mlops: string; readonly node: string };
  /** Where a part of the load runs; a thread of its own unless told otherwise. */
  readonly openShard?: OpenShard;
}

/**
 * Checks everything, serves the model when there is no URL, asks once, loads for `durationMs`, and judges.
 * Throws UsageError before anything is started, OperationError when the target cannot be reached or served, and
 * InterruptedError when the interrupt comes before there is anything to report.
 */
export async function runLoadTest(options: LoadTestOptions, deps: LoadTestDeps): Promise<LoadTestResult> {
  checkOptions(options);
  if (options.url !== undefined) return loadTarget(options.url, flightDelayRows, undefined, options, deps);
  const model = await openModel(deps.model.reference, { baseDir: deps.model.baseDir });
  const rows = options.body === undefined ? rowsFor(model) : [];
  // Once for its errors, before anything is started.
  await planRequests({ target: parseTarget('http://127.0.0.1/api'), options, baseDir: deps.cwd, rows: () => rows });
  return withServer(model, deps, (served) => loadTarget(`${served.url}/api`, () => rows, served, options, deps));
}

async function withServer<T>(model: Model, deps: LoadTestDeps, work: (served: ServedModel) => Promise<T>): Promise<T> {
  const served = await inStep(
    deps.reporter,
    `Serving ${model.name} ${model.version}`,
    () => uninterrupted(deps, () => serveModel(deps.runner, deps.serve, deps.interrupt)),
    ({ url, model: name }) => `Serving ${name} at ${url}`,
  );
  try {
    return await work(served);
  } finally {
    await served.stop();
  }
}

async function loadTarget(
  url: string,
  rows: () => readonly (readonly number[])[],
  served: ServedModel | undefined,
  options: LoadTestOptions,
  deps: LoadTestDeps,
): Promise<LoadTestResult> {
  const planned = await planRequests({ target: parseTarget(url), options, baseDir: deps.cwd, rows });
  for (const note of planned.notes) deps.reporter.note(note);
  const { insecure, timeoutMs } = options;
  const asking = { insecure, timeoutMs, signal: deps.interrupt };
  const [first] = planned.requests;
  if (first === undefined) throw new RangeError('a plan has at least one request');
  const [reached, plan] = await inStep(deps.reporter, `Asking ${planned.target.shown}`, () =>
    uninterrupted(deps, async () => {
      const reached = await preflight(planned.target, first, asking);
      if (served === undefined) return [reached, planned] as const;
      return [reached, { ...planned, check: await withReferences(planned, asking) }] as const;
    }),
  );
  for (const note of reached.notes) deps.reporter.warn(note);

  let serverEnded: string | undefined;
  const died = new AbortController();
  void served?.ended.then((how) => {
    serverEnded = how;
    died.abort();
  });
  const load = await inStep(
    deps.reporter,
    `${formatCount(options.connections)} connections for ${formatDuration(options.durationMs)}`,
    (step) =>
      generateLoad(shardConfigs(options, plan, reached), {
        openShard: deps.openShard ?? openThread,
        stop: AbortSignal.any([deps.interrupt, died.signal]),
        onProgress: (progress) => step.update(progressLine(progress, options.durationMs)),
      }),
  );
  return buildResult({
    options,
    plan,
    load,
    model: served?.model ?? null,
    interrupted: deps.interrupt.aborted,
    serverEnded,
    sameHost: reached.sameHost,
    cpus: availableParallelism(),
    versions: deps.versions,
  });
}

/** Connections are split to the last one, and each thread starts at another request. */
function shardConfigs(options: LoadTestOptions, plan: RequestPlan, reached: Preflight): ShardConfig[] {
  const { target, requests } = plan;
  const bytes = requests.map((request) => serialise(target, request));
  const { connections, threads } = options;
  return Array.from({ length: threads }, (_, index) => ({
    url: `${target.secure ? 'https' : 'http'}://${target.host}/`,
    secure: target.secure,
    hostname: target.hostname,
    port: target.port,
    addresses: reached.addresses,
    insecure: options.insecure,
    connections: Math.floor(connections / threads) + (index < connections % threads ? 1 : 0),
    durationMs: options.durationMs,
    timeoutMs: options.timeoutMs,
    requests: bytes,
    firstRequest: Math.floor((index * bytes.length) / threads),
    headOnly: plan.method === 'HEAD',
    check: plan.check,
    slos: options.slos ?? [],
  }));
}

async function uninterrupted<T>(deps: LoadTestDeps, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (deps.interrupt.aborted) throw new InterruptedError('Interrupted before there was any load');
    throw error;
  }
}
