import type { FastifyInstance, FastifyReply } from 'fastify';
import { type MeasureContext, measured } from '../http/measure.js';
import { jsonType } from '../http/problem.js';
import type { RequestMetrics } from '../metrics/request-metrics.js';
import { ApiProblem } from './api-problem.js';

export interface ModelsContext extends MeasureContext {
  readonly metrics: RequestMetrics;
  readonly model: { readonly name: string };
  /** When the model was loaded, in milliseconds since 1970. */
  readonly loadedAt: number;
}

/** `GET /v1/models` and `/v1/models/:model`: the one that is served. https://platform.openai.com/docs/api-reference/models */
export function addModelsRoutes(app: FastifyInstance, context: ModelsContext): void {
  const { metrics, model } = context;
  const entry = {
    id: model.name,
    object: 'model',
    created: Math.floor(context.loadedAt / 1000),
    owned_by: 'mlops',
  };
  const list = JSON.stringify({ object: 'list', data: [entry] });
  const one = JSON.stringify(entry);
  const send = (reply: FastifyReply, body: string) => reply.header('content-type', jsonType).send(body);

  const listHooks = measured('/v1/models', metrics.route('/v1/models', 'other', [200]), context);
  app.get('/v1/models', listHooks, (_request, reply) => send(reply, list));

  const path = '/v1/models/:model';
  const hooks = measured(path, metrics.route(path, 'other', [200, 404]), context);
  app.get<{ Params: { model: string } }>(path, hooks, (request, reply) => {
    const { model: name } = request.params;
    if (name === model.name) return send(reply, one);
    const message = `The model '${name.slice(0, 60)}' is not served here: this is ${model.name}`;
    throw new ApiProblem(404, message, { param: 'model', code: 'model_not_found' });
  });
}
