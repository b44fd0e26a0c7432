import type { ContainerDetails, Docker } from '../../platform/docker/types.js';
import { type DockerRelease, labels, releaseIn } from './spec.js';

/** A container of ours, with what its labels say. */
export interface RevisionContainer {
  readonly details: ContainerDetails;
  readonly revision: number;
  readonly isCandidate: boolean;
  readonly release: DockerRelease;
  readonly deployedAt: string;
}

/** The containers of a service, newest revision first, candidates included. */
export async function containersOf(docker: Docker, service: string): Promise<RevisionContainer[]> {
  const names = await docker.containersLabelled(labels.service, service);
  const found = await Promise.all(names.map((name) => docker.inspectContainer(name)));
  const ours = found.map((details) => (details === undefined ? undefined : ofDetails(details)));
  return ours.filter((container) => container !== undefined).sort((a, b) => b.revision - a.revision);
}

export const isRunning = ({ details }: RevisionContainer) =>
  details.state === 'running' || details.state === 'restarting';

/** What clients reach. A swap that was cut off may have left another one running, on a network that binds no port. */
export function servingOf(containers: readonly RevisionContainer[]): RevisionContainer | undefined {
  const running = containers.filter((container) => !container.isCandidate && isRunning(container));
  return running.find(({ details }) => details.ports.length > 0) ?? running[0];
}

function ofDetails(details: ContainerDetails): RevisionContainer | undefined {
  const release = releaseIn(details.labels[labels.release]);
  const revision = Number(details.labels[labels.revision]);
  if (release === undefined || !Number.isInteger(revision)) return undefined;
  return {
    details,
    revision,
    isCandidate: details.labels[labels.role] === 'candidate',
    release,
    deployedAt: details.labels[labels.deployedAt] ?? '',
  };
}
