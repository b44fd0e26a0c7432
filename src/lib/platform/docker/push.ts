import { type MlopsError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { DockerClient } from './client.js';
import { daemonFailure, dockerFailure, lastLine } from './errors.js';
import { registryOf } from './reference.js';
import type { PushOptions } from './types.js';

/** Pushes and returns the digest of the manifest. Throws what `pushFailure` makes of the client's output. */
export async function push(client: DockerClient, reference: string, options: PushOptions): Promise<string> {
  const layers = new Map<string, boolean>();
  let digest: string | undefined;
  const onLine = (line: string) => {
    const layer = /^([0-9a-f]{12}): (.+)$/.exec(line);
    if (layer?.[1] !== undefined) {
      layers.set(layer[1], /^(Pushed|Layer already exists|Mounted from)/.test(layer[2] ?? ''));
      options.onProgress(`${[...layers.values()].filter(Boolean).length} of ${layers.size} layers`);
    }
    digest = /digest: (sha256:[0-9a-f]{64}) size: \d+/.exec(line)?.[1] ?? digest;
  };
  const result = await client.stream(['push', reference], { onLine, signal: options.signal });
  if (!result.succeeded) throw pushFailure(result.output, reference);
  if (digest === undefined) throw pushFailure(`no digest in the answer: ${lastLine(result.output)}`, reference);
  return digest;
}

export async function pull(
  client: DockerClient,
  reference: string,
  { onProgress, platform, signal }: PushOptions & { readonly platform?: string },
): Promise<void> {
  const args = ['pull', ...(platform === undefined ? [] : ['--platform', platform]), reference];
  const { succeeded, output } = await client.stream(args, { onLine: onProgress, signal });
  if (!succeeded) throw dockerFailure(`pull ${reference}`, output);
}

/**
 * PrerequisiteError `REGISTRY_LOGIN_REQUIRED`; OperationError `REPOSITORY_NOT_FOUND`, `TAG_IMMUTABLE`, `REGISTRY_DENIED`,
 * `RATE_LIMITED`, `REGISTRY_UNREACHABLE`, `PUSH_FAILED`. The texts are those of Docker Hub, ECR, Artifact Registry and the
 * CNCF registry, each as the docker client prints it.
 */
export function pushFailure(output: string, reference: string): MlopsError {
  const unreachable = daemonFailure(output);
  if (unreachable !== undefined) return unreachable;
  const why = lastLine(output);
  const registry = registryOf(reference);
  const login = `docker login ${registry}`;
  if (/immutab/i.test(why)) {
    return failed(`The tag of ${reference} is taken, and its repository lets no tag move`, 'TAG_IMMUTABLE', why, [
      'Leave --tag out: the default tag is made of what is in the image',
    ]);
  }
  if (/name unknown|repository .*not found|repository .*does not exist in the registry/i.test(why)) {
    return failed(`The repository of ${reference} does not exist`, 'REPOSITORY_NOT_FOUND', why, [
      ...(/[.]dkr[.-]ecr[.]/.test(registry) ? ['Add --create-repository'] : []),
      'mlops provision makes it, or create it by hand',
      'Check image.registry and image.repository of mlops.yaml',
    ]);
  }
  if (
    /no basic auth credentials|authentication required|unauthorized|authorization token has expired|unauthenticated/i.test(
      why,
    )
  ) {
    return new PrerequisiteError(`${registry} asks for a login`, {
      code: 'REGISTRY_LOGIN_REQUIRED',
      why,
      actions: [login],
    });
  }
  if (/denied|forbidden|not authorized/i.test(why)) {
    return failed(`${registry} does not allow pushing ${reference}`, 'REGISTRY_DENIED', why, [
      `${login}, as somebody who may`,
      'Check image.registry and image.repository of mlops.yaml: for Docker Hub, docker.io/<your account>',
    ]);
  }
  if (/toomanyrequests|rate limit/i.test(why)) {
    return failed(`${registry} refuses the push: its rate limit is reached`, 'RATE_LIMITED', why, [
      'Run the command again later',
    ]);
  }
  if (/x509|certificate|HTTP response to HTTPS client/i.test(why)) {
    return failed(`The Docker daemon does not trust ${registry}`, 'REGISTRY_NOT_TRUSTED', why, [
      `Give the daemon its certificate: /etc/docker/certs.d/${registry}/ca.crt`,
      'Or, for a test registry, list it under insecure-registries in /etc/docker/daemon.json',
    ]);
  }
  if (
    /no such host|connection refused|i\/o timeout|handshake timeout|name resolution|network is unreachable/i.test(why)
  ) {
    return failed(`The Docker daemon cannot reach ${registry}`, 'REGISTRY_UNREACHABLE', why, [
      'Check image.registry of mlops.yaml; it is the daemon that connects, not this terminal',
    ]);
  }
  return failed(`Docker could not push ${reference}`, 'PUSH_FAILED', why, [
    'Run the command again: it goes on where it stopped',
  ]);
}

function failed(message: string, code: string, why: string, actions: readonly string[]): OperationError {
  return new OperationError(message, { code, why, actions });
}
