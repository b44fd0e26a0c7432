import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import type { DockerClient } from './client.js';
import { daemonFailure, diskFull, lastLine } from './errors.js';
import { createBuildProgress } from './progress.js';
import type { Builder, BuildOptions } from './types.js';

const commands: Record<Builder, { readonly args: readonly string[]; readonly env: Record<string, string> }> = {
  // An attestation would turn the image into an index, which some registries and AWS Lambda refuse.
  buildx: {
    args: ['buildx', 'build', '--load', '--progress=plain'],
    env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
  },
  buildkit: { args: ['build', '--progress=plain'], env: { DOCKER_BUILDKIT: '1' } },
  legacy: { args: ['build'], env: { DOCKER_BUILDKIT: '0' } },
};

/** The arguments and the environment of the docker program for a build. */
export function buildCommand(options: Omit<BuildOptions, 'onProgress' | 'signal'>, idFile?: string) {
  const { args, env } = commands[options.builder];
  return {
    args: [
      ...args,
      '--platform',
      options.platform,
      ...(options.pull ? ['--pull'] : []),
      ...Object.entries(options.buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
      ...(idFile === undefined ? [] : ['--iidfile', idFile]),
      options.contextDir,
    ],
    env,
  };
}

/** Builds and returns the image's id. Throws what `buildFailure` makes of the builder's output. */
export async function build(client: DockerClient, options: BuildOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-build-id-'));
  try {
    const idFile = join(folder, 'id');
    const { args, env } = buildCommand(options, idFile);
    const describe = createBuildProgress();
    const onLine = (line: string) => {
      const text = describe(line);
      if (text !== undefined) options.onProgress(text);
    };
    const result = await client.stream(args, { onLine, env, signal: options.signal });
    if (!result.succeeded) throw buildFailure(result.output, options);
    return (await readFile(idFile, 'utf8')).trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A base image that is on the daemon, but for another platform than the one that is built for. */
export function otherPlatform(base: string, wanted: string, actual: string): OperationError {
  return new OperationError(`The base image ${base} on this machine is not for ${wanted}`, {
    code: 'PLATFORM_MISMATCH',
    why: `It is for ${actual}.`,
    actions: [
      `docker pull --platform ${wanted} ${base}`,
      'Or install the buildx plugin, which looks for the right one',
    ],
  });
}

/**
 * OperationError `BASE_NOT_FOUND`, `REGISTRY_UNREACHABLE`, `PLATFORM_MISMATCH`, `PLATFORM_UNAVAILABLE`, `RATE_LIMITED`,
 * `BUILD_FAILED`.
 */
export function buildFailure(
  output: string,
  { buildArgs, platform }: Pick<BuildOptions, 'buildArgs' | 'platform'>,
): MlopsError {
  const unreachable = daemonFailure(output);
  if (unreachable !== undefined) return unreachable;
  const why = lastLine(output);
  const base = buildArgs.BASE ?? 'the base image';
  if (/no space left on device/i.test(output)) return diskFull('build the image', why);
  // The legacy builder takes a local base of another platform without a word, and stumbles over it only where a layer out
  // of its cache is followed by one that is not.
  const actual = /was found but does not match the specified platform: wanted [^,]+, actual: (\S+)/i.exec(why)?.[1];
  if (actual !== undefined) return otherPlatform(base, platform, actual);
  if (/no match for platform|no matching manifest for|does not match the specified platform/i.test(why)) {
    return new OperationError(`${base} does not exist for ${platform}`, {
      code: 'PLATFORM_UNAVAILABLE',
      why,
      actions: ['Choose another --platform, or a --base that exists for it'],
    });
  }
  if (/toomanyrequests|rate limit/i.test(why)) {
    return new OperationError(`The registry of ${base} refuses to be pulled from: its rate limit is reached`, {
      code: 'RATE_LIMITED',
      why,
      actions: ['docker login raises the limit of Docker Hub', 'Or name a copy elsewhere with --base'],
    });
  }
  if (
    /no such host|connection refused|i\/o timeout|handshake timeout|name resolution|network is unreachable/i.test(why)
  ) {
    return new OperationError(`The registry of ${base} cannot be reached`, {
      code: 'REGISTRY_UNREACHABLE',
      why,
      actions: [`docker pull ${base} shows whether Docker can reach it`, 'Or name a copy elsewhere with --base'],
    });
  }
  if (/not found|manifest unknown|pull access denied|repository does not exist/i.test(why) && !/COPY|ADD/.test(why)) {
    return new OperationError(`There is no image ${base}, or it is not for everybody`, {
      code: 'BASE_NOT_FOUND',
      why,
      actions: ['Check --base, or image.base of mlops.yaml', 'docker login, if its registry asks for one'],
    });
  }
  return new OperationError('Docker could not build the image', {
    code: 'BUILD_FAILED',
    why,
    actions: ['mlops build --eject DIR writes what is built, for `docker build DIR`'],
  });
}
