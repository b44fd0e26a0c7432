import type { FastifyInstance, FastifyReply } from 'fastify';
import { type MeasureContext, measured } from '../http/measure.js';
import { HttpProblem, jsonType } from '../http/problem.js';
import type { RequestMetrics } from '../metrics/request-metrics.js';

export interface InferenceHealthContext extends MeasureContext {
  readonly metrics: RequestMetrics;
  readonly model: { readonly name: string; readonly version: string };
}

/**
 * The health of a server as the Open Inference Protocol v2 asks for it: `/v2/health/live`, `/v2/health/ready` and
 * `/v2/models/:model[/versions/:version]/ready`.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function addInferenceHealthRoutes(app: FastifyInstance, context: InferenceHealthContext): void {
  const { lifecycle, metrics, model } = context;
  const send = (reply: FastifyReply, status: number, body: object) => {
    reply.code(status).header('content-type', jsonType).header('cache-control', 'no-store');
    reply.send(JSON.stringify(body));
  };
  const get = (path: string, statuses: readonly number[], answer: (params: Params, reply: FastifyReply) => void) => {
    const hooks = measured(path, metrics.route(path, 'other', statuses), context);
    app.get<{ Params: Params }>(path, hooks, (request, reply) => answer(request.params, reply));
  };
  const modelReady = ({ model: name, version }: Params, reply: FastifyReply) => {
    if (name !== model.name || (version !== undefined && version !== model.version)) {
      throw new HttpProblem(404, `This server has the model ${model.name}, version ${model.version}, and no other`);
    }
    send(reply, lifecycle.ready ? 200 : 503, { name, ready: lifecycle.ready });
  };

  get('/v2/health/live', [200], (_params, reply) => send(reply, 200, { live: true }));
  get('/v2/health/ready', [200, 503], (_params, reply) => {
    send(reply, lifecycle.ready ? 200 : 503, { live: true, ready: lifecycle.ready });
  });
  get('/v2/models/:model/ready', [200, 404, 503], modelReady);
  get('/v2/models/:model/versions/:version/ready', [200, 404, 503], modelReady);
}

interface Params {
  readonly model?: string;
  readonly version?: string;
}
