import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { Batcher, type BatcherLimits } from '../../src/lib/inference/batcher.js';
import { type AppContext, buildApp } from '../../src/lib/server/app.js';
import { BodyBudget } from '../../src/lib/server/http/body.js';
import { Lifecycle } from '../../src/lib/server/lifecycle.js';
import { listen } from '../../src/lib/server/listen.js';
import { createServerLog, type LogLevel } from '../../src/lib/server/log.js';
import { createServingMetrics, type ServingMetrics } from '../../src/lib/server/metrics/serving-metrics.js';
import { type HttpTimeouts, httpTimeouts } from '../../src/lib/server/options.js';
import { defaultSlos } from '../../src/lib/slo/defaults.js';
import { FakePredictor } from './fake-predictor.js';

export interface TestAppOptions {
  readonly predictor?: FakePredictor;
  readonly limits?: Partial<BatcherLimits & { bodyBytes: number; budgetBytes: number }>;
  readonly timeouts?: Partial<HttpTimeouts>;
  readonly accessLog?: boolean;
  readonly logLevel?: LogLevel;
  readonly scrape?: AppContext['scrape'];
  readonly ownMetricsPort?: boolean;
}

export interface TestApp {
  readonly app: FastifyInstance;
  readonly predictor: FakePredictor;
  readonly batcher: Batcher;
  readonly metrics: ServingMetrics;
  readonly lifecycle: Lifecycle;
  readonly budget: BodyBudget;
  /** Parsed log lines. */
  readonly lines: Record<string, unknown>[];
  /** The value of one series, exactly as it stands in the Prometheus text; undefined when it is not there. */
  metric(series: string): Promise<number | undefined>;
}

/** The whole application over a fake model; ends with the test. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const predictor = options.predictor ?? new FakePredictor();
  const limits = {
    batchRows: 64,
    queueRows: 256,
    timeoutMs: 10_000,
    bodyBytes: 2 ** 20,
    budgetBytes: 2 ** 26,
    ...options.limits,
  };
  const lines: Record<string, unknown>[] = [];
  const log = await createServerLog({
    level: options.logLevel ?? 'info',
    access: options.accessLog ?? false,
    target: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const metrics = await createServingMetrics({ model: predictor.model, slos: defaultSlos, process: false });
  const batcher = new Batcher(predictor, limits, metrics.batches);
  const lifecycle = new Lifecycle();
  const budget = new BodyBudget(limits.budgetBytes);
  const app = await buildApp({
    predictor,
    batcher,
    metrics,
    lifecycle,
    log,
    limits: { ...limits, budget },
    timeouts: { ...httpTimeouts, ...options.timeouts },
    scrape: options.ownMetricsPort ? undefined : (options.scrape ?? (() => metrics.registry.metrics())),
  });
  lifecycle.enter('ready');
  onTestFinished(async () => {
    predictor.release();
    app.server.closeAllConnections();
    await app.close();
  });
  const metric = async (series: string) => {
    const text = await metrics.registry.metrics();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return { app, predictor, batcher, metrics, lifecycle, budget, lines, metric };
}

/** The same on a free port of 127.0.0.1. */
export async function listeningApp(options: TestAppOptions = {}): Promise<TestApp & { port: number; url: string }> {
  const made = await testApp(options);
  const port = await listen(made.app.server, { host: '127.0.0.1', port: 0 });
  return { ...made, port, url: `http://127.0.0.1:${port}` };
}
