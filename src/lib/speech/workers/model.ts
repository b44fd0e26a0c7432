import { openGraph } from '../../inference/graph.js';
import { createRecogniser, type Recogniser } from '../recognise/recogniser.js';
import { createVoiceDetector, type VoiceDetector } from '../vad/silero.js';
import type { ThreadFiles } from './messages.js';

/** A speech model in the memory of one thread. */
export interface LoadedModel {
  readonly recogniser: Recogniser;
  /** A detector of voices for one more channel. */
  readonly detector: () => VoiceDetector;
  close(): Promise<void>;
}

/** Throws what `openGraph` and `createRecogniser` throw. */
export async function loadModel(files: ThreadFiles): Promise<LoadedModel> {
  const vad = await openGraph(files.vad);
  const recogniser = createRecogniser(await openGraph(files.encoder), await openGraph(files.decoder));
  return {
    recogniser,
    detector: () => createVoiceDetector(vad),
    async close() {
      await recogniser.close();
      await vad.close();
    },
  };
}
