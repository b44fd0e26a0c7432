import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationError } from '../base/errors/mlops-error.js';
import { inStep } from '../base/progress/reporter.js';
import { otherPlatform } from '../platform/docker/build.js';
import type { Builder, Docker, DockerDaemon, ImageDetails } from '../platform/docker/types.js';
import type { Project } from '../project/project.js';
import type { ImageDeps } from './deps.js';
import { type ImageLayerSize, layerSizes } from './layer-sizes.js';
import { type ImagePlatform, platformOf } from './platform.js';
import { type ImageKind, type PreparedContext, prepareContext } from './prepare.js';
import { checkedRepository } from './registry/resolve.js';
import { checkTag, contentTag } from './tag.js';

export interface BuildImageOptions {
  readonly project: Project;
  /** `serving` unless it is said. */
  readonly kind?: ImageKind | undefined;
  readonly base: string | undefined;
  /** `--platform`, before that of mlops.yaml; else what the daemon runs on. */
  readonly platform: string | undefined;
  /** Undefined: the tag that is made of what is in the image. */
  readonly tag: string | undefined;
  /** Ask the registry for a newer base image. */
  readonly pull: boolean;
}

/** What `mlops build` made. */
export interface BuiltImage {
  /** `repository:tag` */
  readonly image: string;
  readonly tag: string;
  /** `sha256:...` of the image's configuration; a registry gives it another digest, see `mlops push`. */
  readonly imageId: string;
  readonly platform: string;
  readonly base: string;
  readonly builder: Builder;
  /** The base first. */
  readonly layers: readonly ImageLayerSize[];
  readonly sizeBytes: number;
  /** On top of the base. */
  readonly addedBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly durationMs: { readonly context: number; readonly scan: number; readonly build: number };
}

/** The repository of the functions, as the Terraform files name it, is beside that of the service. */
export function repositoryFor({ config }: Project, kind: ImageKind | undefined): string {
  const repository = config.image?.repository ?? config.name;
  return checkedRepository(kind === 'lambda' ? `${repository}-functions` : repository);
}

/** Builds the image that serves the project's model, or that of its functions. Throws what `prepareContext` and `Docker.build` throw. */
export async function buildImage(options: BuildImageOptions, deps: ImageDeps): Promise<BuiltImage> {
  const { project, kind } = options;
  const repository = repositoryFor(project, kind);
  if (options.tag !== undefined) checkTag(options.tag);
  const daemon = await deps.docker.daemon();
  const platform = choosePlatform(options, daemon.architecture);
  const dir = await mkdtemp(join(tmpdir(), 'mlops-image-'));
  try {
    const context = await prepareContext({ project, kind, base: options.base, platform }, dir, deps);
    if (daemon.note !== undefined) deps.reporter.note(daemon.note);
    const started = deps.now();
    const details = await runBuild({ context, dir, platform, pull: options.pull, daemon }, deps);
    const tag = options.tag ?? contentTag(context.modelVersion, details);
    const image = `${repository}:${tag}`;
    await deps.docker.tag(details.id, image);
    return {
      image,
      tag,
      imageId: details.id,
      platform: platform.name,
      base: context.base,
      builder: daemon.builder,
      ...(await sizes(details, context, deps.docker)),
      labels: context.plan.labels,
      durationMs: { ...context.durationMs, build: deps.now() - started },
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** `--platform`, then mlops.yaml, then `architecture`. Throws UsageError `PLATFORM_UNSUPPORTED`. */
export function choosePlatform(
  { platform, project }: Pick<BuildImageOptions, 'platform' | 'project'>,
  architecture: string,
): ImagePlatform {
  return platformOf(platform ?? project.config.image?.platform ?? `linux/${architecture}`);
}

interface Run {
  readonly context: PreparedContext;
  readonly dir: string;
  readonly platform: ImagePlatform;
  readonly pull: boolean;
  readonly daemon: DockerDaemon;
}

async function runBuild({ context, dir, platform, pull, daemon }: Run, deps: ImageDeps): Promise<ImageDetails> {
  return await inStep(deps.reporter, 'Building the image', async (step) => {
    const id = await deps.docker.build({
      contextDir: dir,
      platform: platform.name,
      buildArgs: context.plan.buildArgs,
      pull,
      builder: daemon.builder,
      onProgress: (text) => step.update(text),
      signal: deps.signal,
    });
    const details = await deps.docker.inspectImage(id);
    if (details === undefined) {
      throw new OperationError('The image that was built is gone', {
        code: 'IMAGE_VANISHED',
        why: `The daemon has no ${id}: something removed it, such as \`docker image prune\`.`,
        actions: ['Run the command again'],
      });
    }
    refuseOtherPlatform(details, platform, context.base);
    return details;
  });
}

/** The legacy builder takes a base of another platform without a word, and the native library would not load in it. */
function refuseOtherPlatform(details: ImageDetails, platform: ImagePlatform, base: string): void {
  if (details.architecture === platform.architecture && details.os === 'linux') return;
  throw otherPlatform(base, platform.name, `${details.os}/${details.architecture}`);
}

async function sizes(details: ImageDetails, { layers }: PreparedContext, docker: Docker) {
  const all = layerSizes(details, await docker.history(details.id), layers);
  const addedBytes = all.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
  return { layers: all, sizeBytes: details.sizeBytes, addedBytes };
}
