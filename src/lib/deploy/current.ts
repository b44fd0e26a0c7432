import { MlopsError, UsageError } from '../base/errors/mlops-error.js';
import type { Reporter } from '../base/progress/reporter.js';
import { servingConfiguration } from '../image/context/configuration.js';
import { resolvedPredictor } from '../image/context/model-layer.js';
import { resolvedSpeechModel } from '../image/context/speech-layer.js';
import { speechEntryOf } from '../model/catalog.js';
import { openModel } from '../model/open.js';
import { speechModelIn } from '../model/speech-files.js';
import type { Project } from '../project/project.js';
import type { ResolvedModel } from '../project/resolved.js';
import type { BuiltImage } from './images.js';

/**
 * Compares an image with the project that it is deployed for. The newest image that was built has to be of the project as
 * it is now: throws UsageError `IMAGE_STALE`. For one that was chosen by name, an older one on purpose perhaps, it is said.
 * An image that `mlops build` did not make cannot be compared.
 */
export async function checkCurrent(
  { config, dir }: Project,
  image: BuiltImage,
  isChosen: boolean,
  reporter: Reporter,
): Promise<void> {
  if (image.configDigest === undefined) return;
  let model: ResolvedModel;
  try {
    model = await modelOf(config.model, dir);
  } catch (error) {
    if (!isChosen || !(error instanceof MlopsError)) throw error;
    reporter.note(`The image is not compared with the project: ${error.message}.`);
    return;
  }
  if (image.configDigest === `sha256:${servingConfiguration(config, model).digest}`) return;
  const isOtherModel = image.modelDigest !== undefined && image.modelDigest !== `sha256:${model.digest}`;
  const differs = isOtherModel ? 'The model' : 'serve, slos or the name in mlops.yaml';
  const why = `${differs} is not what ${image.reference} was built with: what it has is what will serve.`;
  if (isChosen) {
    reporter.warn(why);
    return;
  }
  throw new UsageError(`The newest image of ${config.name} is not of the project as it is now`, {
    code: 'IMAGE_STALE',
    why,
    actions: ['mlops build (and mlops push)', `As it is: mlops deploy --image ${image.reference}`],
  });
}

/** What an image of the project would say of its model. The catalog knows that of a speech model without its files. */
async function modelOf(reference: string | undefined, baseDir: string): Promise<ResolvedModel> {
  const entry = reference === undefined ? undefined : speechEntryOf(reference);
  if (reference === undefined || entry === undefined) return resolvedPredictor(await openModel(reference, { baseDir }));
  return resolvedSpeechModel(speechModelIn(baseDir, reference, entry));
}
