import { speechEntryOf } from '../model/catalog.js';
import { defaultSlos, defaultSpeechSlos } from '../slo/defaults.js';
import type { Slo } from '../slo/types.js';
import type { ProjectConfig } from './schema.js';

/**
 * The SLOs of a project: those of mlops.yaml, or the default ones of its kind of model.
 * @param reference the model that is served, where it is not that of the project
 */
export function projectSlos({ slos, model }: ProjectConfig, reference: string | undefined = model): readonly Slo[] {
  return slos ?? (isSpeech(reference) ? defaultSpeechSlos : defaultSlos);
}

/** What the SLOs of a project are checked against: the kind of its model, and how long an answer of it may take. */
export function sloLimits({ serve, model }: ProjectConfig): { readonly isSpeech: boolean; readonly timeoutMs: number } {
  const { audio, timeoutMs } = serve.limits;
  return isSpeech(model) ? { isSpeech: true, timeoutMs: audio.timeoutMs } : { isSpeech: false, timeoutMs };
}

function isSpeech(reference: string | undefined): boolean {
  return reference !== undefined && speechEntryOf(reference) !== undefined;
}
