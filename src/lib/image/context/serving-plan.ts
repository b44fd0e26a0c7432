import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from '../../base/errors/mlops-error.js';
import { containerPorts, refuseEqualPorts } from '../../project/ports.js';
import { resolvedFileName } from '../../project/resolved.js';
import type { ProjectConfig } from '../../project/schema.js';
import { type ImageFacts, imageLabelsOf } from '../labels.js';
import type { ImagePlatform } from '../platform.js';
import { servingConfiguration } from './configuration.js';
import type { ImageModel } from './image-model.js';
import type { ImagePlan, PlannedLayer } from './plan.js';
import { runtimeLayer } from './runtime-layer.js';

/** Files that this package brings for its images. */
export interface PackagedFiles {
  /** `dist/image`: a folder of bundled files for each kind of image. */
  readonly bundles: string;
  /** `templates/docker`. */
  readonly dockerfiles: string;
  /** `model`: beside the bundled model, the licences of those that are fetched. */
  readonly licences: string;
}

export interface ServingPlanOptions {
  readonly config: ProjectConfig;
  readonly model: ImageModel;
  readonly platform: ImagePlatform;
  readonly base: string;
  readonly facts: ImageFacts;
  readonly packaged: PackagedFiles;
  /** What the resolved configuration is made of, for a person: `mlops.yaml`. */
  readonly configSource: string;
}

/** What the image of `mlops serve` is made of. Throws UsageError `PORTS_EQUAL`. */
export async function servingPlan(options: ServingPlanOptions): Promise<ImagePlan> {
  const { config, model, platform, base, packaged } = options;
  const configuration = configurationLayer(options);
  return {
    dockerfile: join(packaged.dockerfiles, 'serving.Dockerfile'),
    layers: [
      await runtimeLayer(platform),
      await programLayer(packaged.bundles, model.bundle),
      configuration.layer,
      model.layer,
    ],
    buildArgs: { BASE: base, ...portArgs(config.serve) },
    labels: imageLabelsOf({
      project: config.name,
      model: model.resolved,
      description: model.description,
      configDigest: configuration.digest,
      serve: config.serve,
      base,
      facts: options.facts,
    }),
  };
}

/** mlops.yaml as far as an image needs it, and its digest. */
export function configurationLayer({ config, model, configSource }: ServingPlanOptions) {
  const { text, digest } = servingConfiguration(config, model.resolved);
  const file = { path: `/app/${resolvedFileName}`, from: { text, madeOf: configSource } };
  return { layer: { name: 'configuration', files: [file] } satisfies PlannedLayer, digest };
}

function portArgs({ port, metricsPort }: ProjectConfig['serve']) {
  const ports = { PORT: port || containerPorts.service, METRICS_PORT: metricsPort || containerPorts.metrics };
  refuseEqualPorts(ports.PORT, ports.METRICS_PORT);
  return { PORT: String(ports.PORT), METRICS_PORT: String(ports.METRICS_PORT) };
}

/** The bundled programs of a kind of image. Throws OperationError `BUNDLE_MISSING`. */
export async function programLayer(bundles: string, kind: string): Promise<PlannedLayer> {
  const dir = join(bundles, kind);
  const names = await readdir(dir).catch((cause: unknown) => {
    throw new OperationError('A bundled program is missing from this installation of mlops', {
      code: 'BUNDLE_MISSING',
      why: `${dir} cannot be read.`,
      actions: ['In a checkout: npm run build', 'Otherwise install mlops again'],
      cause,
    });
  });
  return {
    name: 'server',
    files: names.sort().map((name) => ({ path: `/app/${name}`, from: { file: join(dir, name) } })),
  };
}
