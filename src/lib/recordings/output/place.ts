import { createHash } from 'node:crypto';
import { OperationError } from '../../base/errors/mlops-error.js';
import type { ChannelMode } from '../../speech/types.js';
import { type RecordingSource, sourceIdentity } from '../sources/source.js';
import { stopping } from './failure.js';
import { type Found, isSameStamp, type PutRequest, type ResultStore, type Stamp } from './store.js';

export interface Place {
  readonly path: string;
  readonly location: string;
  readonly over: PutRequest['over'];
  /** The result of the same recording, model and channels is there. */
  readonly isDone: boolean;
}

export function stampOf(id: string, source: RecordingSource, modelDigest: string, channels: ChannelMode): Stamp {
  const hash = createHash('sha256').update(sourceIdentity(source)).digest('hex');
  return { id, modelDigest, channels, source: hash.slice(0, 32) };
}

/**
 * Whether a result is there, and what may be replaced. Throws OperationError `RESULT_TAKEN` when something else lies there,
 * RunStopper when the store does not work.
 */
export async function findPlace(
  store: Pick<ResultStore, 'find' | 'locate'>,
  path: string,
  stamp: Stamp,
  force: boolean,
): Promise<Place> {
  const location = store.locate(path);
  if (force) return { path, location, over: 'anything', isDone: false };
  const over = await stopping(() => store.find(path));
  const isOthers = over.kind === 'foreign' || (over.kind === 'result' && over.stamp.source !== stamp.source);
  if (isOthers) throw taken(location, over);
  return { path, location, over, isDone: over.kind === 'result' && isSameStamp(over.stamp, stamp) };
}

/** False when another run stored the same meanwhile. Throws as `findPlace`. */
export async function storeAt(
  store: ResultStore,
  { path, over, location }: Place,
  result: Pick<PutRequest, 'body' | 'format' | 'stamp'>,
): Promise<boolean> {
  if (await stopping(() => store.put({ path, over, ...result }))) return true;
  const found = await stopping(() => store.find(path));
  if (found.kind === 'result' && isSameStamp(found.stamp, result.stamp)) return false;
  throw taken(location, found);
}

function taken(location: string, found: Found): OperationError {
  const why =
    found.kind === 'foreign'
      ? 'Something that mlops did not write has this name.'
      : 'It is the result of another recording.';
  return new OperationError(`${location} is not replaced`, {
    code: 'RESULT_TAKEN',
    why,
    actions: ['Name another --output', 'Or replace whatever is there: --force'],
  });
}
