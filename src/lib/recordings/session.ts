import { removeLeftovers } from '../platform/files/leftovers.js';
import type { SpeechEngine } from '../speech/types.js';
import type { RecordingsDeps } from './deps.js';
import { fetchedPrefix } from './open/s3-object.js';
import type { ProcessDeps } from './process-one.js';

/**
 * Runs `work` with a model: the engine opens at the first recording that needs it, and closes when the work has ended.
 * What an earlier run left of recordings it had fetched is removed before.
 */
export async function withModel<T>(
  request: {
    readonly model: string;
    readonly offline: boolean;
    readonly concurrency: number;
    readonly signal: AbortSignal;
  },
  deps: RecordingsDeps,
  work: (deps: ProcessDeps) => Promise<T>,
): Promise<T> {
  const { offline, signal, concurrency: threads } = request;
  // A folder that cannot be listed may still be written to.
  await removeLeftovers(deps.tempDir, fetchedPrefix).catch(() => {});
  const model = await deps.speechModel(request.model, { offline, signal });
  let opened: Promise<SpeechEngine> | undefined;
  const engine = () => {
    opened ??= deps.openEngine(model, { threads });
    return opened;
  };
  try {
    return await work({ ...deps, modelDigest: model.digest, engine });
  } finally {
    // One that could not be opened has said so already.
    await opened?.then((one) => one.close()).catch(() => {});
  }
}
