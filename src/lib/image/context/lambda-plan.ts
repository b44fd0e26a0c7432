import { join } from 'node:path';
import { imageLabels, imageLabelsOf } from '../labels.js';
import type { ImagePlan } from './plan.js';
import { runtimeLayer } from './runtime-layer.js';
import { configurationLayer, programLayer, type ServingPlanOptions } from './serving-plan.js';

/** What the image of the pipeline's functions is made of: as that of the speech model's service, with another program. */
export async function lambdaPlan(options: ServingPlanOptions): Promise<ImagePlan> {
  const { config, model, platform, base, packaged, facts } = options;
  const configuration = configurationLayer(options);
  const labels = imageLabelsOf({
    project: config.name,
    model: model.resolved,
    description: `The functions of ${config.name}: from recordings, by ${model.resolved.name}, to rows`,
    configDigest: configuration.digest,
    serve: config.serve,
    base,
    facts,
  });
  const ofServing: string[] = [imageLabels.project, imageLabels.auth, imageLabels.drainMs];
  const kept = Object.entries(labels).filter(([name]) => !ofServing.includes(name));
  return {
    dockerfile: join(packaged.dockerfiles, 'lambda.Dockerfile'),
    layers: [
      await runtimeLayer(platform),
      await programLayer(packaged.bundles, 'lambda'),
      configuration.layer,
      model.layer,
    ],
    buildArgs: { BASE: base },
    labels: { ...Object.fromEntries(kept), [imageLabels.functions]: config.name },
  };
}
