import { OperationError } from '../base/errors/mlops-error.js';
import { formatCount, formatDuration } from '../base/units.js';

export type BatcherErrorCode = 'QUEUE_FULL' | 'PREDICTION_TIMEOUT' | 'CLIENT_GONE';

/** Why a request got no prediction although nothing is wrong with the model or its rows. */
export class BatcherError extends OperationError {
  declare readonly code: BatcherErrorCode;
}

export function queueFull(waitingRows: number, queueRows: number): BatcherError {
  return new BatcherError('The queue is full', {
    code: 'QUEUE_FULL' satisfies BatcherErrorCode,
    why: `${formatCount(waitingRows)} rows are waiting, the limit is ${formatCount(queueRows)}.`,
  });
}

export function timedOut(timeoutMs: number): BatcherError {
  return new BatcherError('The prediction took too long', {
    code: 'PREDICTION_TIMEOUT' satisfies BatcherErrorCode,
    why: `There was no answer within ${formatDuration(timeoutMs)}.`,
  });
}

export function clientGone(): BatcherError {
  return new BatcherError('The client went away', { code: 'CLIENT_GONE' satisfies BatcherErrorCode });
}
