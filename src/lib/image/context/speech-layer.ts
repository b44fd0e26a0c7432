import { basename, join } from 'node:path';
import type { SpeechModel } from '../../model/speech-model.js';
import type { ResolvedSpeechModel } from '../../project/resolved.js';
import type { PlannedLayer } from './plan.js';

/** What the configuration of an image says of a speech model. */
export function resolvedSpeechModel({ files, ...model }: SpeechModel): ResolvedSpeechModel {
  const { name, version, digest, language, license } = model;
  const { encoder, decoder, vad } = files;
  const place = (file: string) => `model/${basename(file)}`;
  const placed = { encoder: place(encoder), decoder: place(decoder), vad: place(vad) };
  return { kind: 'speech', name, version, digest, language, license, files: placed };
}

/** The files of a speech model, so that nothing is fetched at run time, and the licences that come with them. */
export function speechLayer(model: SpeechModel, licences: string): PlannedLayer {
  const { files } = resolvedSpeechModel(model);
  const roles = ['encoder', 'decoder', 'vad'] as const;
  return {
    name: 'model',
    files: [
      ...roles.map((role) => ({ path: `/app/${files[role]}`, from: { file: model.files[role] } })),
      { path: '/app/model/LICENSE.txt', from: { file: join(licences, `${model.name}.LICENSE.txt`) } },
    ],
  };
}
