import { UsageError } from '../base/errors/mlops-error.js';
import type { Reporter } from '../base/progress/reporter.js';
import type { ProcessRunner } from '../platform/process/runner.js';
import type { Project } from '../project/project.js';
import type { KubernetesFlags } from './kubernetes/options.js';
import { type Target, type TargetKind, targetKinds } from './target.js';

export interface TargetOptions {
  readonly project: Project;
  /** Kubernetes only. */
  readonly namespace: string;
  /** How long a rollout may take until it is ready, in milliseconds. */
  readonly timeoutMs: number;
  /** The port on this machine, for the Docker daemon; undefined: of mlops.yaml. */
  readonly port: number | undefined;
  readonly kubernetes?: KubernetesFlags | undefined;
}

/** What targets need from outside. A target that needs more makes it from these. */
export interface TargetDeps {
  readonly runner: ProcessRunner;
  readonly reporter: Reporter;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

const fallbackPort = 8080;

/** Throws UsageError `TARGET_MISSING` when neither the command line nor mlops.yaml names one. */
export function chooseTarget(given: TargetKind | undefined, configured: TargetKind | undefined): TargetKind {
  const kind = given ?? configured;
  if (kind !== undefined) return kind;
  throw new UsageError('Which target?', {
    code: 'TARGET_MISSING',
    why: `Neither --target nor deploy.target in mlops.yaml names one of ${targetKinds.join(', ')}.`,
    actions: ['mlops deploy --target docker tries it on this machine'],
  });
}

/**
 * Without mlops.yaml every folder is the project `mlops`. On a target that others share that would replace somebody's
 * service: throws UsageError `PROJECT_MISSING`. On this machine's daemon it is said.
 */
export function requireNamedProject(kind: TargetKind, { file, config }: Project, reporter: Reporter): void {
  if (file !== undefined) return;
  const why = `There is no mlops.yaml here, so this is about the service ${config.name}, like in every other folder without one.`;
  if (kind === 'docker') {
    reporter.warn(why);
    return;
  }
  throw new UsageError(`A service on ${kind} needs a name`, {
    code: 'PROJECT_MISSING',
    why,
    actions: ['Go to the project, or write mlops.yaml here with a line such as: name: flight-delay'],
  });
}

/** The target of this kind; only its own modules are loaded. Throws as the targets' factories do. */
export async function createTarget(kind: TargetKind, options: TargetOptions, deps: TargetDeps): Promise<Target> {
  switch (kind) {
    case 'docker':
      return await dockerTarget(options, deps);
    case 'cloud-run': {
      const { openCloudRunTarget } = await import('./cloud-run/open.js');
      return await openCloudRunTarget(options, deps);
    }
    case 'eks': {
      const { createEksTarget } = await import('./kubernetes/eks.js');
      return await createEksTarget(options, deps);
    }
    case 'gke': {
      const { createGkeTarget } = await import('./kubernetes/gke.js');
      return await createGkeTarget(options, deps);
    }
  }
}

async function dockerTarget({ project, timeoutMs, port }: TargetOptions, deps: TargetDeps): Promise<Target> {
  const { DockerClient } = await import('../platform/docker/client.js');
  const { createDocker } = await import('../platform/docker/docker.js');
  const { dockerNetworks } = await import('../platform/docker/networks.js');
  const { dockerVolumes } = await import('../platform/docker/volumes.js');
  const { isAlive, thisProcess } = await import('../platform/process/identity.js');
  const { createDockerTarget } = await import('./docker/docker-target.js');
  const { Ledger } = await import('./docker/ledger.js');
  const { runner, env, reporter, now } = deps;
  const { config } = project;
  const client = new DockerClient({ runner, env });
  const service = config.name;
  const place = {
    docker: createDocker({ runner, env }),
    networks: dockerNetworks(client),
    ledger: new Ledger(service, dockerVolumes(client)),
    reporter,
    service,
    timeoutMs,
    self: thisProcess(),
    isAlive,
    now,
  };
  return createDockerTarget(place, { hostPort: port ?? config.deploy?.port ?? (config.serve.port || fallbackPort) });
}
