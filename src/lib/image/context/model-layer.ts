import { dirname, join, normalize } from 'node:path';
import { UsageError } from '../../base/errors/mlops-error.js';
import { cardPath } from '../../model/card.js';
import type { ModelDetails } from '../../model/open.js';
import type { Model } from '../../model/types.js';
import { isThere } from '../../platform/files/look.js';
import type { ResolvedPredictor } from '../../project/resolved.js';
import type { PlannedFile, PlannedLayer } from './plan.js';

/** The path of the model in an image, from /app. */
const modelFile = ({ name }: Model) => `model/${name}.onnx`;

/** What the configuration of an image says of the model. */
export function resolvedPredictor(model: Model): ResolvedPredictor {
  const { name, version, digest, signature } = model;
  return { name, version, file: modelFile(model), digest, signature };
}

/**
 * The model under the name it is served by, with its card and the files that hold its weights, if it keeps them apart.
 * Throws UsageError `MODEL_FILE_MISSING` and `MODEL_FILE_OUTSIDE`.
 */
export async function modelLayer({ model, onnx }: ModelDetails): Promise<PlannedLayer> {
  const file = modelFile(model);
  const files: PlannedFile[] = [{ path: `/app/${file}`, from: { file: model.path } }];
  const card = cardPath(model.path);
  if (await isThere(card)) files.push({ path: `/app/${cardPath(file)}`, from: { file: card } });
  for (const name of onnx.externalFiles) {
    refuseOutside(name, model.path);
    const source = join(dirname(model.path), name);
    if (!(await isThere(source))) throw missing(name, model.path);
    files.push({ path: `/app/model/${normalize(name)}`, from: { file: source } });
  }
  return { name: 'model', files };
}

/** A path out of a file that anybody may have made: it could name any file of this machine. */
function refuseOutside(name: string, model: string): void {
  const parts = name.split(/[\\/]/);
  if (!parts.includes('..') && !/^([\\/]|[A-Za-z]:)/.test(name)) return;
  throw new UsageError(`The model ${model} keeps weights outside of its folder`, {
    code: 'MODEL_FILE_OUTSIDE',
    why: `It names ${JSON.stringify(name)}. Only files beside the model, or in folders there, go into an image.`,
    actions: ['Save the model with its weights beside it'],
  });
}

function missing(name: string, model: string): UsageError {
  return new UsageError(`A file of the model ${model} is missing`, {
    code: 'MODEL_FILE_MISSING',
    why: `It keeps weights in ${JSON.stringify(name)}, which is not beside it.`,
    actions: ['Copy the whole model: the .onnx file and the files that came with it'],
  });
}
