import type { SpeechEngine, Transcription } from '../../../src/lib/speech/types.js';
import { realEngine } from './real-engine.js';
import { type Recording, recordings } from './recordings.js';

export interface CleanClips {
  readonly engine: SpeechEngine;
  readonly clips: readonly Recording[];
  /** What the engine understands of each clip as it is. Changed clips are compared with that, so that only the change counts. */
  readonly clean: readonly Transcription[];
}

/** An engine of two threads that has heard all recordings once. The caller closes it. */
export async function hearCleanClips(): Promise<CleanClips> {
  const engine = await realEngine(2);
  const clips = recordings();
  return { engine, clips, clean: await Promise.all(clips.map(({ path }) => engine.transcribe(path))) };
}
