import { join } from 'node:path';
import { OperationError } from '../base/errors/mlops-error.js';
import { speechDigest } from './speech-files.js';
import type { SpeechModel } from './speech-model.js';

/** The labels of an image and the metrics of its server name a digest. Throws OperationError `MODEL_CHANGED` for another. */
export function refuseChanged(what: string, found: string, built: string): void {
  if (found === built) return;
  throw new OperationError(`${what} is not the model that the image was built with`, {
    code: 'MODEL_CHANGED',
    why: `Its SHA-256 is ${found}, the image's is ${built}.`,
    actions: ['Build an image of the new model: mlops build', 'Remove what is mounted over the model of the image'],
  });
}

/** The speech model of an image, whose files are named from `root`. Throws OperationError `MODEL_CHANGED`. */
export async function speechModelInImage(model: SpeechModel, root: string): Promise<SpeechModel> {
  const { encoder, decoder, vad } = model.files;
  const files = { encoder: join(root, encoder), decoder: join(root, decoder), vad: join(root, vad) };
  refuseChanged(join(root, 'model'), await speechDigest(files), model.digest);
  const { name, version, digest, language, license } = model;
  return { name, version, digest, language, license, files };
}
