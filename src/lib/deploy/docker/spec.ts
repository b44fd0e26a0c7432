import { UsageError } from '../../base/errors/mlops-error.js';
import type { ContainerOptions } from '../../platform/docker/types.js';
import { parseQuantity } from '../quantities.js';
import type { Settings } from '../settings-diff.js';
import type { Release } from '../target.js';

/** Names of the labels on containers and on the volumes that are the ledger. */
export const labels = {
  service: 'mlops.deploy.service',
  lock: 'mlops.deploy.lock',
  role: 'mlops.deploy.role',
  revision: 'mlops.deploy.revision',
  release: 'mlops.deploy.release',
  imageId: 'mlops.deploy.image-id',
  deployedAt: 'mlops.deploy.at',
  result: 'mlops.deploy.result',
  why: 'mlops.deploy.why',
} as const;

/** A release with what only this target has: the port on this machine, and the image as it is, whatever its tag becomes. */
export interface DockerRelease extends Release {
  readonly hostPort: number;
  readonly imageId: string;
  /** What is in the image: the same for one that was built again without a change. */
  readonly content: string;
}

export const addressOf = ({ expose }: Release) => (expose === 'public' ? '0.0.0.0' : '127.0.0.1');

/** Where this machine reaches a port, whatever the address that it is bound to. */
export const urlOf = (port: number) => `http://127.0.0.1:${port}`;

export const revisionName = (service: string, revision: number) => `${service}-r${revision}`;
export const candidateName = (service: string, revision: number) => `${revisionName(service, revision)}-candidate`;
export const lockName = (service: string) => `${service}-lock`;
export const waitingNetwork = (service: string) => `${service}-waiting`;

/** Seconds until SIGKILL: all of the drain and some more. */
export const graceSeconds = ({ drainMs }: Release) => Math.ceil(drainMs / 1000) + 5;

/** How a revision runs: on the fixed port, and again after a restart of the machine. */
export function revisionSpec(release: DockerRelease, revision: number, deployedAt: string): ContainerOptions {
  const { name, port, hostPort } = release;
  return {
    ...common(release, revision, deployedAt),
    name: revisionName(name, revision),
    publish: [{ address: addressOf(release), hostPort, containerPort: port }],
    restart: 'unless-stopped',
  };
}

/** The same image and limits on a free port of this machine alone, to be checked before it replaces anything. */
export function candidateSpec(release: DockerRelease, revision: number, deployedAt: string): ContainerOptions {
  const spec = common(release, revision, deployedAt);
  return {
    ...spec,
    name: candidateName(release.name, revision),
    labels: { ...spec.labels, [labels.role]: 'candidate' },
    publish: [{ address: '127.0.0.1', hostPort: 0, containerPort: release.port }],
    restart: 'no',
  };
}

function common(release: DockerRelease, revision: number, deployedAt: string) {
  return {
    // By id: a tag may point elsewhere by the time that a revision is made again.
    image: release.imageId,
    labels: { ...recordLabels(release, revision, deployedAt), [labels.role]: 'revision' },
    cpus: parseQuantity(release.resources.cpu),
    memoryBytes: memoryOf(release),
    // A `docker stop` by hand and a shutdown of the machine let it finish, too.
    stopTimeoutS: graceSeconds(release),
  };
}

export function recordLabels(release: DockerRelease, revision: number, deployedAt: string): Record<string, string> {
  return {
    [labels.service]: release.name,
    [labels.revision]: String(revision),
    [labels.release]: JSON.stringify(release),
    [labels.deployedAt]: deployedAt,
  };
}

/** The release that a label holds; undefined for a label that is not ours. */
export function releaseIn(text: string | undefined): DockerRelease | undefined {
  try {
    const release = JSON.parse(text ?? 'null') as DockerRelease | null;
    const isOurs = typeof release?.imageId === 'string' && typeof release.content === 'string';
    return isOurs ? release : undefined;
  } catch {
    return undefined;
  }
}

const smallestMemory = 6 * 2 ** 20;

function memoryOf({ resources }: Release): number {
  const bytes = Math.floor(parseQuantity(resources.memory));
  if (bytes >= smallestMemory) return bytes;
  throw new UsageError(`deploy.resources.memory ${resources.memory} is too little`, {
    code: 'MEMORY_TOO_SMALL',
    why: 'Docker starts no container with less than 6Mi; a model server needs about 128Mi.',
  });
}

/** What a person sees in a difference. */
export function settingsOf(release: DockerRelease): Settings {
  const { image, content, modelDigest, configDigest, expose, hostPort, port, resources, drainMs } = release;
  return {
    image: `${image} (${content})`,
    model: modelDigest ?? 'unknown',
    configuration: configDigest ?? 'unknown',
    address: `${addressOf(release)}:${hostPort} -> ${port}, ${expose}`,
    cpu: resources.cpu,
    memory: resources.memory,
    drain: `${drainMs} ms`,
  };
}
