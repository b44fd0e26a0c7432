import type { ModelDetails } from '../../model/open.js';
import type { SpeechModel } from '../../model/speech-model.js';
import type { ResolvedModel } from '../../project/resolved.js';
import { modelLayer, resolvedPredictor } from './model-layer.js';
import type { PlannedLayer } from './plan.js';
import { resolvedSpeechModel, speechLayer } from './speech-layer.js';

/** A model, as far as its image is concerned. */
export interface ImageModel {
  /** Of the bundled server that serves it. */
  readonly bundle: 'serving' | 'speech';
  readonly resolved: ResolvedModel;
  readonly description: string | undefined;
  readonly layer: PlannedLayer;
}

/** Throws what `modelLayer` throws. */
export async function predictorOf(details: ModelDetails): Promise<ImageModel> {
  const { model, card } = details;
  return {
    bundle: 'serving',
    resolved: resolvedPredictor(model),
    description: card?.description,
    layer: await modelLayer(details),
  };
}

/** @param licences folder with `<model>.LICENSE.txt` */
export function speechModelOf(model: SpeechModel, licences: string): ImageModel {
  return {
    bundle: 'speech',
    resolved: resolvedSpeechModel(model),
    description: `The speech model ${model.name} behind POST /v1/audio/transcriptions`,
    layer: speechLayer(model, licences),
  };
}
