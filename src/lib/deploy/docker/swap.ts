import { setTimeout as sleep } from 'node:timers/promises';
import { defaultNetwork } from '../../platform/docker/networks.js';
import type { RevisionContainer } from './containers.js';
import { type DockerPlace, defaultTiming } from './place.js';
import { startProber } from './prober.js';
import { waitUntilReady } from './ready.js';
import { type DockerRelease, graceSeconds, revisionName, revisionSpec, urlOf, waitingNetwork } from './spec.js';

export interface Incoming {
  readonly revision: number;
  readonly release: DockerRelease;
  readonly deployedAt: string;
  /** Whether its container is there, stopped. */
  readonly exists: boolean;
  /** How long a container of it takes to be ready, so that it is given that time before it has to. */
  readonly warmUpMs: number;
}

/**
 * Puts the container of a revision on the fixed port. Nothing runs there yet: it is simply started. Otherwise it is
 * started beside the old one on a network without a way out, where Docker binds no ports, and given time to load its
 * model; then the old one is stopped (it finishes what it is doing) and the port is bound by connecting the new one to
 * the default network. Starting a container and loading a model are thus not part of the gap.
 * Returns the longest time in milliseconds in which nothing answered, undefined when nothing was replaced.
 */
export async function putOnPort(
  place: DockerPlace,
  incoming: Incoming,
  outgoing: RevisionContainer | undefined,
  stop: AbortSignal,
): Promise<number | undefined> {
  if (outgoing === undefined) {
    await startThere(place, incoming);
    await waitForPort(place, incoming, place.timeoutMs, stop);
    return undefined;
  }
  if (outgoing.release.hostPort !== incoming.release.hostPort) return await move(place, incoming, outgoing, stop);
  return await replace(place, incoming, outgoing, stop);
}

/** Another port: both can run, and there is no gap on either; clients of the old one have to be told anyway. */
async function move(place: DockerPlace, incoming: Incoming, outgoing: RevisionContainer, stop: AbortSignal) {
  await startThere(place, incoming);
  await waitForPort(place, incoming, place.timeoutMs, stop);
  await place.docker.stop(outgoing.details.name, graceSeconds(outgoing.release));
  return undefined;
}

async function replace(
  place: DockerPlace,
  incoming: Incoming,
  outgoing: RevisionContainer,
  stop: AbortSignal,
): Promise<number> {
  const { docker, networks, service } = place;
  const { boundMs } = { ...defaultTiming, ...place.timing };
  const name = revisionName(service, incoming.revision);
  const waiting = waitingNetwork(service);
  await networks.createInternal(waiting);
  await startWaiting(place, incoming, waiting);
  await sleep(incoming.warmUpMs, undefined, { signal: stop });
  // From here to the end nothing is interrupted: half a swap is no service.
  const prober = startProber(`${urlOf(incoming.release.hostPort)}/healthz`);
  let gapMs: number;
  try {
    await docker.stop(outgoing.details.name, graceSeconds(outgoing.release));
    await networks.connect(defaultNetwork, name);
    await waitForPort(place, incoming, boundMs, new AbortController().signal).catch(async () => {
      // A daemon that binds ports only when a container starts.
      await docker.stop(name, 0);
      await docker.start(name);
      await waitForPort(place, incoming, place.timeoutMs, new AbortController().signal);
    });
  } finally {
    gapMs = prober.stop();
  }
  await networks.disconnect(waiting, name);
  await networks.remove(waiting);
  return gapMs;
}

async function startThere({ docker, networks, service }: DockerPlace, incoming: Incoming): Promise<void> {
  const name = revisionName(service, incoming.revision);
  if (!incoming.exists)
    return void (await docker.run(revisionSpec(incoming.release, incoming.revision, incoming.deployedAt)));
  // An interrupted swap may have left it on the waiting network, on which it would get no port.
  await networks.disconnect(waitingNetwork(service), name);
  await networks.disconnect(defaultNetwork, name);
  await networks.connect(defaultNetwork, name);
  await docker.start(name);
}

async function startWaiting({ docker, networks, service }: DockerPlace, incoming: Incoming, network: string) {
  const { revision, release, deployedAt, exists } = incoming;
  if (!exists) return void (await docker.run({ ...revisionSpec(release, revision, deployedAt), network }));
  const name = revisionName(service, revision);
  await networks.disconnect(network, name);
  await networks.connect(network, name);
  await networks.disconnect(defaultNetwork, name);
  await docker.start(name);
}

async function waitForPort(
  { docker, service }: DockerPlace,
  { revision, release }: Incoming,
  timeoutMs: number,
  stop: AbortSignal,
) {
  const container = revisionName(service, revision);
  const { hostPort: port, resources } = release;
  await waitUntilReady(docker, { container, revision, port, memory: resources.memory, timeoutMs, stop });
}
