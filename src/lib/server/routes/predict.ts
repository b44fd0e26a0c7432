import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatCount, formatDuration } from '../../base/units.js';
import type { Batcher } from '../../inference/batcher.js';
import { BatcherError } from '../../inference/batcher-errors.js';
import type { Predictions, Predictor } from '../../inference/session.js';
import { bytesOf, type ReceivedBody } from '../http/body-parser.js';
import { type MeasureContext, measured } from '../http/measure.js';
import { clientGone, errorBody, HttpProblem, jsonType, turnedAway } from '../http/problem.js';
import type { ServingMetrics } from '../metrics/serving-metrics.js';
import { parseRows } from '../rows/parse.js';
import { RowPool } from '../rows/row-pool.js';
import { rowShape } from '../rows/row-shape.js';

export interface PredictionContext extends MeasureContext {
  readonly predictor: Predictor;
  readonly batcher: Batcher;
  readonly metrics: ServingMetrics;
  readonly limits: { readonly queueRows: number; readonly timeoutMs: number };
}

const path = '/api';
const statuses = [200, 400, 413, 415, 499, 500, 503, 504];

/** `POST /api`: `{"array": [numbers]}` or `{"array": [[numbers], ...]}` -> `{"predicciones": [labels]}`. */
export function addPredictionRoutes(app: FastifyInstance, context: PredictionContext): void {
  const { predictor, batcher, limits, metrics, log, pauses } = context;
  const shape = rowShape(predictor, limits.queueRows);
  const pool = new RowPool(shape.features);

  const hooks = measured(path, metrics.route(path, 'prediction', statuses), context);
  // Not `async`, which allocates more per request: hundreds of them are in memory at a time.
  app.post<{ Body: ReceivedBody }>(path, hooks, (request, reply) => {
    if (batcher.full) return turnAway(request, reply);
    const rows = parseRows(bytesOf(request.body), shape, pool);
    batcher
      .submit(rows.values, rows.count, request.raw.socket)
      .then((predictions) => reply.header('content-type', jsonType).send(answer(predictions, predictor.labelType)))
      .catch((error: unknown) => reply.send(asProblem(error)));
  });

  // Made once: under overload there are thousands a second, and an error with its stack each costs as much as a row.
  const waiting = `${formatCount(limits.queueRows)} rows may wait, the limit serve.limits.queue`;
  const full = turnedAway('queue_full', `The queue is full: ${waiting}`);
  const fullBody = errorBody(full.message);
  batcher.onTaken((requests) => pauses.freed(requests));

  /** Not thrown, for the same reason. */
  function turnAway(request: FastifyRequest, reply: FastifyReply): void {
    metrics.rejected('queue_full');
    log.fault('queue_full', { route: path }, full.message);
    pauses.refused(request.raw.socket);
    reply.code(full.status).headers(full.headers).header('content-type', jsonType).send(fullBody);
  }

  function asProblem(error: unknown): unknown {
    if (!(error instanceof BatcherError)) return error;
    if (error.code === 'CLIENT_GONE') return clientGone();
    if (error.code === 'QUEUE_FULL') return full;
    const limit = `${formatDuration(limits.timeoutMs)}, the limit serve.limits.timeout`;
    return new HttpProblem(504, `The prediction was not ready within ${limit}`, { rejection: 'timeout' });
  }
}

function answer({ labels }: Predictions, labelType: Predictor['labelType']): string {
  // Integers need no escaping, and join is a third of the time of JSON.stringify.
  return labelType === 'integer' ? `{"predicciones":[${labels.join(',')}]}` : JSON.stringify({ predicciones: labels });
}
