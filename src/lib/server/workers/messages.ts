import type { ErrorJson } from '../../base/errors/mlops-error.js';
import type { MetricsSnapshot } from '../metrics/snapshot.js';
import type { ServeOptions } from '../options.js';

/** What the primary process tells a worker. */
export type ToWorker =
  | { readonly type: 'start'; readonly options: ServeOptions }
  /** Answer with a `snapshot` of the same round. */
  | { readonly type: 'report'; readonly round: number }
  /** The answer to `scrape`. */
  | { readonly type: 'scraped'; readonly id: number; readonly text: string }
  | { readonly type: 'drain'; readonly delayMs: number }
  /** No worker accepts connections any more. */
  | { readonly type: 'portClosed' };

/** What a worker tells the primary process. */
export type FromWorker =
  /** Listens to messages now. */
  | { readonly type: 'hello' }
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly error: ErrorJson }
  | { readonly type: 'snapshot'; readonly round: number; readonly metrics: MetricsSnapshot }
  /** Wants the metrics of all workers. */
  | { readonly type: 'scrape'; readonly id: number }
  /** Accepts no connections any more. */
  | { readonly type: 'closed' };
