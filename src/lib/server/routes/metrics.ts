import type { FastifyInstance } from 'fastify';
import { describeError } from '../../base/errors/describe.js';
import { type MeasureContext, measured } from '../http/measure.js';
import { HttpProblem } from '../http/problem.js';
import type { RequestMetrics } from '../metrics/request-metrics.js';

export interface MetricsContext extends MeasureContext {
  readonly metrics: RequestMetrics;
  /** The metrics of the whole server as Prometheus text: of this process, or summed over all workers. */
  readonly scrape: () => Promise<string>;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const prometheusText = 'text/plain; version=0.0.4; charset=utf-8';

/** `GET /metrics` in the Prometheus text format. */
export function addMetricsRoute(app: FastifyInstance, context: MetricsContext): void {
  const { metrics, scrape } = context;
  app.get(
    '/metrics',
    measured('/metrics', metrics.route('/metrics', 'other', [200, 503]), context),
    async (_request, reply) => {
      const text = await scrape().catch((error: unknown) => {
        // A gap tells the reader less than it wants, the numbers of one worker of many would tell it something wrong.
        throw new HttpProblem(503, `The metrics are not to be had: ${describeError(error)}`);
      });
      reply.header('content-type', prometheusText);
      return text;
    },
  );
}
