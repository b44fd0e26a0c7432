import { MlopsError, UsageError } from '../base/errors/mlops-error.js';
import { inStep } from '../base/progress/reporter.js';
import { repositoryOf } from '../platform/docker/reference.js';
import type { Docker, ImageDetails, RegistryLogin } from '../platform/docker/types.js';
import { accessTokenUser } from '../platform/gcp/registry.js';
import type { Project } from '../project/project.js';
import type { ImageDeps } from './deps.js';
import { imageLabels } from './labels.js';
import { type RegistryTarget, resolveRegistry } from './registry/resolve.js';
import { checkTag, contentTag } from './tag.js';

export interface PushOptions {
  readonly project: Project;
  /** An image of the daemon; undefined: the newest that was built for this project. */
  readonly image: string | undefined;
  /** Undefined: the tag that the image has here, which `mlops build` makes of what is in it. */
  readonly tag: string | undefined;
  readonly registry: string | undefined;
  readonly repository: string | undefined;
  /** ECR: make the repository if it is not there. */
  readonly createRepository: boolean;
}

/** The `--json` document of `mlops push`. */
export interface PushResult {
  /** `host/path/name:tag` */
  readonly image: string;
  readonly tag: string;
  /** `sha256:...` of the manifest in the registry. */
  readonly digest: string;
  /** `host/path/name@sha256:...`: what does not move. */
  readonly reference: string;
  readonly imageId: string;
  /** True when the registry had this content under this tag. */
  readonly alreadyThere: boolean;
  readonly durationMs: number;
}

/**
 * Pushes an image and says under which digest the registry has it. Throws what `pushFailure` names, UsageError
 * `IMAGE_NOT_FOUND`, `NOT_BUILT_YET`, `TAG_INVALID` and those of `resolveRegistry`.
 */
export async function pushImage(options: PushOptions, deps: ImageDeps): Promise<PushResult> {
  const started = deps.now();
  const { project, registry, repository } = options;
  if (options.tag !== undefined) checkTag(options.tag);
  const target = await resolveRegistry({ project, registry, repository, env: deps.env });
  const details = await findImage(options, deps.docker);
  const ownTag = contentTag(details.labels[imageLabels.modelVersion] ?? '1', details);
  const tag = options.tag ?? givenTag(options, details) ?? ownTag;
  const pushed = await withRegistry(target, options, deps, async (docker, place) => {
    const image = `${place}:${tag}`;
    await docker.tag(details.id, image);
    const step = { title: `Pushing ${image}`, unchangeable: tag === ownTag };
    return { image, ...(await pushOrFind(docker, image, step, deps)) };
  });
  return {
    ...pushed,
    tag,
    reference: `${repositoryOf(pushed.image)}@${pushed.digest}`,
    imageId: details.id,
    durationMs: deps.now() - started,
  };
}

/**
 * A tag that is made of the content and cannot be given again means that the content is there: its digest is asked for.
 */
async function pushOrFind(
  docker: Docker,
  image: string,
  { title, unchangeable }: { title: string; unchangeable: boolean },
  { reporter, signal }: ImageDeps,
): Promise<{ digest: string; alreadyThere: boolean }> {
  return await inStep(
    reporter,
    title,
    async (step) => {
      const options = { onProgress: (text: string) => step.update(text), signal };
      try {
        return { digest: await docker.push(image, options), alreadyThere: false };
      } catch (error) {
        if (!unchangeable || !(error instanceof MlopsError) || error.code !== 'TAG_IMMUTABLE') throw error;
        await docker.pull(image, options);
        // Docker leaves its own registry out of names.
        const place = repositoryOf(image).replace(/^docker\.io\//, '');
        const found = (await docker.inspectImage(image))?.repoDigests.find((digest) => digest.startsWith(`${place}@`));
        if (found === undefined) throw error;
        return { digest: found.slice(place.length + 1), alreadyThere: true };
      }
    },
    ({ alreadyThere }) => (alreadyThere ? `${image} is in the registry already` : `Pushed ${image}`),
  );
}

/** The tag of the image that was named, else the one it was built with when a person chose that. */
function givenTag({ image, project }: PushOptions, { tags }: ImageDetails): string | undefined {
  if (image !== undefined && repositoryOf(image) !== image && !image.includes('@') && !image.startsWith('sha256:')) {
    return image.slice(repositoryOf(image).length + 1);
  }
  const repository = project.config.image?.repository ?? project.config.name;
  const local = tags.filter((name) => repositoryOf(name) === repository);
  return local.length === 1 ? local[0]?.slice(repository.length + 1) : undefined;
}

async function findImage({ project, image }: PushOptions, docker: Docker): Promise<ImageDetails> {
  const { name } = project.config;
  const reference = image ?? (await docker.imagesLabelled(imageLabels.project, name))[0];
  const details = reference === undefined ? undefined : await docker.inspectImage(reference);
  if (details !== undefined) return details;
  if (image === undefined) {
    throw new UsageError(`There is no image of ${name} yet`, {
      code: 'NOT_BUILT_YET',
      why: `The Docker daemon has none with the label ${imageLabels.project}=${name}.`,
      actions: ['mlops build --push'],
    });
  }
  throw new UsageError(`The Docker daemon has no image ${image}`, {
    code: 'IMAGE_NOT_FOUND',
    why: 'Only an image that is on this machine can be pushed.',
    actions: ['docker image ls', 'mlops build'],
  });
}

/** Runs `work` with a client that may push there, and with the repository's whole name. */
async function withRegistry<T>(
  target: RegistryTarget,
  { createRepository }: PushOptions,
  deps: ImageDeps,
  work: (docker: Docker, place: string) => Promise<T>,
): Promise<T> {
  const { docker } = deps;
  if (target.kind === 'artifact-registry' && target.prefix !== undefined) {
    const place = `${target.prefix}/${target.repository}`;
    const registry = target.prefix.split('/', 1)[0] ?? target.prefix;
    const login: RegistryLogin = { registry, username: accessTokenUser, password: await deps.gcpToken() };
    return await docker.loggedIn(login, (loggedIn) => work(loggedIn, place));
  }
  if (target.kind === 'ecr' && target.aws !== undefined) {
    const ecr = deps.ecr(target.aws);
    const login = await ecr.login();
    // The token is good for registries of other accounts too: a host that was given is the one that is meant.
    const registry = target.prefix ?? login.registry;
    if (createRepository && (await ecr.createRepository(target.repository))) {
      deps.reporter.note(`Created the repository ${target.repository} in ${registry}`);
    }
    return await docker.loggedIn({ ...login, registry }, (loggedIn) =>
      work(loggedIn, `${registry}/${target.repository}`),
    );
  }
  return await work(docker, `${target.prefix}/${target.repository}`);
}
