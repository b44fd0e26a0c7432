import { UsageError } from '../base/errors/mlops-error.js';
import { imageLabels } from '../image/labels.js';
import { repositoryOf } from '../platform/docker/reference.js';
import type { Docker, ImageDetails } from '../platform/docker/types.js';
import type { TargetKind } from './target.js';

/** An image as a deploy needs to know it. */
export interface BuiltImage {
  /** What the target is told to run. */
  readonly reference: string;
  readonly modelDigest: string | undefined;
  readonly configDigest: string | undefined;
  /** The port that the image says it listens on. */
  readonly port: number | undefined;
  /** Of its `serve`: what it will do, whatever mlops.yaml says by now. */
  readonly auth: string | undefined;
  readonly drainMs: number | undefined;
}

export interface ImageQuestion {
  readonly kind: TargetKind;
  /** The project's name. */
  readonly name: string;
  /** `--image`; undefined: the newest that `mlops build` made for this project. */
  readonly given: string | undefined;
}

/**
 * The image to deploy. Every target but the local daemon pulls from a registry, so the image has to be pushed, and is
 * named by digest where the daemon here knows it: a tag may point elsewhere tomorrow.
 * Throws UsageError `NO_IMAGE` and `IMAGE_NOT_PUSHED`.
 */
export async function chooseImage({ kind, name, given }: ImageQuestion, docker: Docker): Promise<BuiltImage> {
  const pulls = kind !== 'docker';
  if (given !== undefined) {
    const details = await inspect(given, docker, pulls);
    return describe(pulls ? pinned(given, details) : given, details);
  }
  const [newest] = await docker.imagesLabelled(imageLabels.project, name);
  const details = newest === undefined ? undefined : await docker.inspectImage(newest);
  if (details === undefined) {
    throw new UsageError(`There is no image of ${name} yet`, {
      code: 'NO_IMAGE',
      why: `The Docker daemon has none with the label ${imageLabels.project}=${name}.`,
      actions: ['mlops build', 'Or name one: --image REFERENCE'],
    });
  }
  const reference = pulls ? details.repoDigests[0] : (details.tags[0] ?? details.id);
  if (reference === undefined) {
    throw new UsageError(`The image ${details.tags[0] ?? details.id} is not in a registry`, {
      code: 'IMAGE_NOT_PUSHED',
      why: `${kind} pulls the image from a registry.`,
      actions: ['mlops push', 'mlops build --push'],
    });
  }
  return describe(reference, details);
}

/** For a target that pulls, an image that is not here is no mistake: only its labels stay unknown. */
async function inspect(reference: string, docker: Docker, pulls: boolean): Promise<ImageDetails | undefined> {
  const details = await docker.inspectImage(reference).catch((error: unknown) => {
    if (pulls) return undefined;
    throw error;
  });
  if (details !== undefined || pulls) return details;
  await docker.pull(reference, { onProgress: () => {} });
  return await docker.inspectImage(reference);
}

function pinned(given: string, details: ImageDetails | undefined): string {
  if (given.includes('@sha256:')) return given;
  const repository = repositoryOf(given);
  return details?.repoDigests.find((digest) => digest.startsWith(`${repository}@`)) ?? given;
}

function describe(reference: string, details: ImageDetails | undefined): BuiltImage {
  return { reference, ...labelledFacts(details?.labels ?? {}), port: exposedPort(details) };
}

/** What an image says of itself by its labels. */
export function labelledFacts(labels: Readonly<Record<string, string>>): Omit<BuiltImage, 'reference' | 'port'> {
  const drain = labels[imageLabels.drainMs] ?? '';
  return {
    modelDigest: labels[imageLabels.modelDigest],
    configDigest: labels[imageLabels.configDigest],
    auth: labels[imageLabels.auth],
    drainMs: /^\d+$/.test(drain) ? Number(drain) : undefined,
  };
}

function environmentOf(details: ImageDetails | undefined): Map<string, string> {
  const lines = (details?.config.Env ?? []) as readonly string[];
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** The port of the service; the other one is that of the metrics. */
function exposedPort(details: ImageDetails | undefined): number | undefined {
  const metricsPort = environmentOf(details).get('MLOPS_METRICS_PORT');
  const exposed = Object.keys((details?.config.ExposedPorts ?? {}) as object).map((port) => port.split('/')[0]);
  const ports = exposed.filter((port) => port !== metricsPort);
  const port = Number(ports[0]);
  return ports.length === 1 && Number.isInteger(port) ? port : undefined;
}
