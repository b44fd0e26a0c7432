import { SourceError } from '../../warehouse/errors.js';
import { objectName, type S3Object } from '../../warehouse/sources/list.js';

/** Why a load of these objects failed, if one of them is why. */
export interface Culprit {
  readonly error: SourceError;
  /** Undefined when the engine does not say which it was. */
  readonly object: S3Object | undefined;
}

/** Undefined for an error that is not about what is loaded: without one of the objects it would be the same. */
export function culpritOf(error: unknown, objects: readonly S3Object[]): Culprit | undefined {
  if (!(error instanceof SourceError)) return undefined;
  const named = objects.find((object) => objectName(object) === error.source);
  return { error, object: named ?? (objects.length === 1 ? objects[0] : undefined) };
}

/**
 * What to try next, without the culprit. One bad object costs a second load; where that one fails too there may be many, and
 * halves keep the objects that are read again and again few: of n at most n log n.
 */
export function toTryNext(
  objects: readonly S3Object[],
  culprit: S3Object | undefined,
  isAgain: boolean,
): readonly (readonly S3Object[])[] {
  const others = objects.filter((object) => object !== culprit);
  const half = culprit !== undefined && !isAgain ? others.length : Math.ceil(others.length / 2);
  return [others.slice(0, half), others.slice(half)].filter(({ length }) => length > 0);
}
