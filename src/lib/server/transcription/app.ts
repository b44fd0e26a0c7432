import type { FastifyInstance } from 'fastify';
import { BodyBudget } from '../http/body.js';
import { createHttpApp, type HttpAppContext } from '../http/http-app.js';
import { errorBody } from '../http/problem.js';
import { ReadPauses } from '../http/read-pauses.js';
import { admitInTurns } from '../http-instance.js';
import { addHealthRoutes } from '../routes/health.js';
import { addInferenceHealthRoutes } from '../routes/inference-health.js';
import { addMetricsRoute, type MetricsContext } from '../routes/metrics.js';
import { addOpenApiRoute } from '../routes/openapi.js';
import { apiErrorBody } from './api-problem.js';
import { addModelsRoutes } from './models-route.js';
import { transcriptionDocument } from './openapi.js';
import { formOverheadBytes } from './receive-form.js';
import { addTranscriptionRoute, type TranscriptionContext } from './routes.js';

export interface TranscriptionAppContext extends Omit<TranscriptionContext, 'pauses'> {
  readonly version: string;
  readonly timeouts: HttpAppContext['timeouts'];
  /** What `/metrics` answers; undefined when the metrics have a port of their own. */
  readonly scrape: MetricsContext['scrape'] | undefined;
  /** Now, in milliseconds since 1970. */
  readonly loadedAt: number;
}

/** The HTTP application over a speech model, without listening. */
export async function buildTranscriptionApp(given: TranscriptionAppContext): Promise<FastifyInstance> {
  const context = { ...given, pauses: new ReadPauses(() => false) };
  const { engine, version, limits, scrape, timeouts } = context;
  const model = { name: engine.model.name, version };
  const bodyBytes = limits.sizeBytes + formOverheadBytes;
  const app = await createHttpApp({
    ...context,
    limits: { bodyBytes, budget: new BodyBudget(bodyBytes) },
    timeouts,
    errorBodyOf: (problem, path) => (path.startsWith('/v1/') ? apiErrorBody(problem) : errorBody(problem.message)),
  });
  admitInTurns(app);
  await addTranscriptionRoute(app, context);
  addModelsRoutes(app, { ...context, model });
  addHealthRoutes(app, context);
  addInferenceHealthRoutes(app, { ...context, model });
  const described = { model: { ...model, language: engine.model.language }, limits, hasMetrics: scrape !== undefined };
  addOpenApiRoute(app, context, transcriptionDocument(described));
  if (scrape !== undefined) addMetricsRoute(app, { ...context, scrape });
  await app.ready();
  return app;
}
