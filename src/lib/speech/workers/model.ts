import { openGraph } from '../../inference/graph.js';
import { withInt8Projection } from '../recognise/int8-projection.js';
import { createRecogniser, type Recogniser } from '../recognise/recogniser.js';
import { createVoiceDetector, type VoiceDetector } from '../vad/silero.js';
import type { ThreadStart } from './messages.js';
import { guarded, inNativeCode } from './native-guard.js';

/** A speech model in the memory of one thread. */
export interface LoadedModel {
  readonly recogniser: Recogniser;
  /** A detector of voices for one more channel. */
  readonly detector: () => VoiceDetector;
  close(): Promise<void>;
}

/** Throws what `openGraph` and `createRecogniser` throw. */
export async function loadModel({ files, guard }: ThreadStart): Promise<LoadedModel> {
  const open = async (path: string, adapt?: typeof withInt8Projection) =>
    guarded(await inNativeCode(guard, () => openGraph(path, adapt)), guard);
  const vad = await open(files.vad);
  const recogniser = createRecogniser(await open(files.encoder), await open(files.decoder, withInt8Projection));
  return {
    recogniser,
    detector: () => createVoiceDetector(vad),
    async close() {
      await recogniser.close();
      await vad.close();
    },
  };
}
