import { MlopsError, UsageError } from '../base/errors/mlops-error.js';
import type { Reporter } from '../base/progress/reporter.js';
import { servingConfiguration } from '../image/context/configuration.js';
import { openModel } from '../model/open.js';
import type { Model } from '../model/types.js';
import type { Project } from '../project/project.js';
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
  let model: Model;
  try {
    model = await openModel(config.model, { baseDir: dir });
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
