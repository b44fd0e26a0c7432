import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describeError, hasCode } from '../../base/errors/describe.js';
import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import { registryOf } from '../../platform/docker/reference.js';
import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import type { ProcessRunner } from '../../platform/process/runner.js';
import { fieldManager, type KubernetesDeps } from './options.js';

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** How docker calls Docker Hub in its files. */
const dockerHub = 'https://index.docker.io/v1/';

/**
 * Puts the docker login of the image's registry, and no other, into a Secret of the cluster. It goes from docker's
 * configuration or its credential helper to kubectl's stdin: no file, no argument, no history has it.
 * Throws PrerequisiteError `NOT_LOGGED_IN`.
 */
export async function applyPullSecret(
  kubectl: Kubectl,
  options: { name: string; image: string },
  deps: Pick<KubernetesDeps, 'runner' | 'env' | 'reporter'>,
): Promise<void> {
  const registry = registryOf(options.image);
  const key = registry === 'docker.io' ? dockerHub : registry;
  const auth = await findLogin(key, deps);
  if (auth === undefined) {
    throw new PrerequisiteError(`docker is not logged in to ${registry}`, {
      code: 'NOT_LOGGED_IN',
      why: 'The pull secret is made from the docker login.',
      actions: [`docker login ${registry === 'docker.io' ? '' : registry}`.trim()],
    });
  }
  if (/\.dkr\.ecr\./.test(registry)) {
    deps.reporter.warn(
      'A login to ECR lasts 12 hours, and so does this pull secret: the nodes of EKS pull without one',
    );
  }
  const config = JSON.stringify({ auths: { [key]: { auth } } });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: options.name, labels: { 'app.kubernetes.io/managed-by': 'mlops' } },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  };
  const args = ['apply', '--server-side', '--force-conflicts', `--field-manager=${fieldManager}`, '-f', '-'];
  await kubectl.text('Writing the pull secret', args, { input: JSON.stringify(secret), retries: 3 });
}

/** The same for going back, which does not wait for a login: the nodes may have the image still. */
export async function renewPullSecret(...args: Parameters<typeof applyPullSecret>): Promise<void> {
  try {
    await applyPullSecret(...args);
  } catch (error) {
    if (!(error instanceof PrerequisiteError)) throw error;
    args[2].reporter.warn(`The pull secret is the one before: ${describeError(error)}`);
  }
}

/** base64 of `user:password` */
async function findLogin(
  key: string,
  { runner, env }: { runner: ProcessRunner; env: KubernetesDeps['env'] },
): Promise<string | undefined> {
  const file = join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'config.json');
  let config: DockerConfig;
  try {
    config = JSON.parse(await readFile(file, 'utf8')) as DockerConfig;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new PrerequisiteError(`${file} cannot be read`, { code: 'NOT_LOGGED_IN', cause: error });
  }
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper === undefined) return config.auths?.[key]?.auth || undefined;
  const { exitCode, stdout } = await runner.run(`docker-credential-${helper}`, ['get'], { input: key });
  if (exitCode !== 0) return undefined;
  const { Username = '', Secret = '' } = JSON.parse(stdout) as { Username?: string; Secret?: string };
  return Buffer.from(`${Username}:${Secret}`).toString('base64');
}
