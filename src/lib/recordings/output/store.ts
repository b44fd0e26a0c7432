import { UsageError } from '../../base/errors/mlops-error.js';
import type { ChannelMode } from '../../speech/types.js';
import type { FileFormat } from '../formats/format.js';
import type { Failure } from './failure.js';

/** What a result was made of: with the same stamp it needs not be made again. */
export interface Stamp {
  /** Of the recording. */
  readonly id: string;
  readonly modelDigest: string;
  readonly channels: ChannelMode;
  /** 32 hex digits that tell the source from others, whatever it held at the time. */
  readonly source: string;
}

/** What is where a result is to lie: nothing, a result of ours, or something that mlops did not write. */
export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'result'; readonly stamp: Stamp; readonly version?: string }
  | { readonly kind: 'foreign' };

export interface PutRequest {
  readonly path: string;
  readonly body: string;
  readonly format: FileFormat;
  readonly stamp: Stamp;
  /** Over what: nothing else is replaced. `anything` with --force. */
  readonly over: Found | 'anything';
}

/**
 * A place for results, by path with slashes. A result is there whole or not at all, at any instant, and what mlops did not
 * write is not replaced unasked. Everything throws OperationError or PrerequisiteError for a place that does not work, and
 * UsageError `RESULT_NAME_UNUSABLE` for one name that does not.
 */
export interface ResultStore {
  find(path: string): Promise<Found>;
  /** False when something else is there by now than what it was to replace. */
  put(request: PutRequest): Promise<boolean>;
  /** Appends to errors.jsonl. */
  logFailure(failure: Failure): Promise<void>;
  /** How people and programs name a result. */
  locate(path: string): string;
  /** Waits for what is still to be written. */
  close(): Promise<void>;
}

/** The one error of a store that is about one result, not about the place. */
export function unusableName(label: string, why: string): UsageError {
  return new UsageError(`The result has no usable name in ${label}`, { code: 'RESULT_NAME_UNUSABLE', why });
}

export function isSameStamp(one: Stamp, other: Stamp): boolean {
  return (
    one.id === other.id &&
    one.modelDigest === other.modelDigest &&
    one.channels === other.channels &&
    one.source === other.source
  );
}
