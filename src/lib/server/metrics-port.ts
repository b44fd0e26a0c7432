import { BodyBudget } from './http/body.js';
import { createHttpApp } from './http/http-app.js';
import { ReadPauses } from './http/read-pauses.js';
import { Lifecycle } from './lifecycle.js';
import { type Endpoint, listen, urlOf } from './listen.js';
import type { ServerLog } from './log.js';
import type { RequestMetrics } from './metrics/request-metrics.js';
import { httpTimeouts } from './options.js';
import { addMetricsRoute } from './routes/metrics.js';

/** A port that answers `/metrics` and nothing else. */
export interface MetricsPort {
  /** Of the metrics themselves. */
  readonly url: string;
  /** What is scraped from now on; until then a scrape is answered with 503. */
  scrapeFrom(scrape: () => Promise<string>): void;
  /** Answers the scrapes in flight, for half a second at most, and closes the port. */
  close(): Promise<void>;
}

/** Whoever scrapes sends no body. */
const bodyBytes = 2 ** 10;
const longestCloseMs = 500;

/** Monitoring is no client of the service: its requests are in no counter. */
const uncounted: RequestMetrics = { route: () => ({ started() {}, finished() {} }), rejected() {} };

/**
 * Listens for scrapes, in the process that has the metrics of all. It is opened before the model is loaded, so that a
 * port that is taken is said before any client has come, and stays until the last request is answered.
 * Throws what `listen` throws.
 */
export async function openMetricsPort(endpoint: Endpoint, log: ServerLog): Promise<MetricsPort> {
  let scrape = () => Promise.reject<string>(new Error('the server is still starting'));
  // It takes no part in the drain: to those who watch one, every answer of it matters.
  const context = { metrics: uncounted, log, lifecycle: new Lifecycle(), pauses: new ReadPauses(() => false) };
  const limits = { bodyBytes, budget: new BodyBudget(bodyBytes) };
  const app = await createHttpApp({ ...context, limits, timeouts: httpTimeouts });
  addMetricsRoute(app, { ...context, scrape: () => scrape() });
  await app.ready();
  let port: number;
  try {
    port = await listen(app.server, endpoint, 'metrics');
  } catch (error) {
    await app.close();
    throw error;
  }
  app.server.on('error', (err) => log.fault('accept', { err }, 'connection not accepted'));

  return {
    url: `${urlOf({ host: endpoint.host, port })}/metrics`,
    scrapeFrom(given) {
      scrape = given;
    },
    async close() {
      const cut = setTimeout(() => app.server.closeAllConnections(), longestCloseMs);
      await app.close();
      clearTimeout(cut);
    },
  };
}
