import type { Reachable } from '../target.js';
import { type AskOptions, askTranscription } from './ask.js';
import { syntheticVoice } from './voice.js';

/** What a deployed speech model is asked. */
export interface SpeechClip {
  /** Of the catalog; the server refuses another one. */
  readonly model: string;
}

export interface ClipResult {
  /** Of audio. */
  readonly seconds: number;
  readonly answeredMs: number;
  /** What the model heard; it is no speech, so this is no measure of the model. */
  readonly text: string;
}

/**
 * Has the deployed model transcribe a clip of a second: being ready says that the model was loaded, an answer that uploads have
 * a place, audio is decoded and all of the model runs. What the text is does not matter.
 * Throws OperationError `CLIP_NOT_TRANSCRIBED`, and PrerequisiteError `NOT_REACHABLE_FROM_HERE`.
 */
export async function checkClip(
  { model }: SpeechClip,
  reachable: Reachable,
  options: Omit<AskOptions, 'isFirst'>,
): Promise<ClipResult> {
  const { wav, seconds } = syntheticVoice();
  const form = new FormData();
  form.set('file', new File([wav], 'clip.wav', { type: 'audio/wav' }));
  form.set('model', model);
  const { text, answeredMs } = await askTranscription(reachable, form, { ...options, isFirst: true });
  return { seconds, answeredMs, text };
}

export function clipText({ seconds, answeredMs }: ClipResult): string {
  return `A clip of ${seconds} s was transcribed in ${Math.round(answeredMs)} ms`;
}
