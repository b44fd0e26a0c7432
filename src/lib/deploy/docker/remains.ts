import type { LeftBehind, TargetStatus } from '../target.js';
import { containersOf, isRunning, servingOf } from './containers.js';
import { keptRevisions, type LedgerEntry } from './ledger.js';
import type { DockerPlace } from './place.js';
import { revisionName, urlOf, waitingNetwork } from './spec.js';

/** Takes candidates away, and a first revision that failed; says what runs. */
export async function leave(
  { docker, networks, ledger, service }: DockerPlace,
  cause: 'interrupted' | 'failed',
  pendingRevision: number | undefined,
): Promise<LeftBehind> {
  const containers = await containersOf(docker, service);
  const serving = servingOf(containers.filter(({ revision }) => revision !== pendingRevision));
  const useless = containers.filter((one) => one.isCandidate || (one.revision === pendingRevision && one !== serving));
  for (const { details } of useless) await docker.remove(details.name);
  await networks.remove(waitingNetwork(service));
  const removed = useless.length === 0 ? [] : [`Removed: ${useless.map(({ details }) => details.name).join(', ')}.`];
  const again = cause === 'interrupted' ? ['mlops deploy --target docker starts again'] : [];
  if (serving !== undefined) {
    const text = `Revision ${serving.revision} serves at ${urlOf(serving.release.hostPort)}, as before.`;
    return { sentences: [...removed, text], actions: [...again, 'mlops status --target docker'] };
  }
  if (containers.length === useless.length) return { sentences: [...removed, 'No container is left.'], actions: again };
  const entries = await ledger.entries();
  // What failed, or was rolled back, is nothing to go back to.
  const served = servedLast(entries) ?? entries.find(({ result }) => result === 'replaced');
  if (served === undefined) return { sentences: [...removed, 'Nothing serves.'], actions: again };
  return {
    sentences: [...removed, `Nothing serves: revision ${served.revision}, the last that did, is stopped.`],
    actions: [`mlops rollback --target docker --to ${served.revision}`, ...again],
  };
}

/**
 * Removes candidates, and what a swap that was cut off has left running beside what serves.
 *
 * @param pendingRevision is on its way and stays
 */
export async function removeRemains(
  { docker, ledger, service }: DockerPlace,
  pendingRevision: number | undefined,
): Promise<void> {
  const containers = await containersOf(docker, service);
  const serving = servingOf(containers);
  const entries = await ledger.entries();
  for (const container of containers) {
    const { revision, isCandidate, details } = container;
    const isNoted = entries.some((entry) => entry.revision === revision);
    const isStray = isRunning(container) && container !== serving && !isNoted && revision !== pendingRevision;
    if (isCandidate || isStray) await docker.remove(details.name);
  }
}

/** The newest ten stay, and whatever serves. */
export async function forgetOld({ docker, ledger, service }: DockerPlace): Promise<void> {
  const old = (await ledger.entries()).slice(keptRevisions).filter(({ result }) => result !== 'serving');
  for (const { revision } of old) {
    await docker.remove(revisionName(service, revision));
    await ledger.forget(revision);
  }
}

/** What clients were given last, whether it still runs or not. */
export function servedLast(entries: readonly LedgerEntry[]): LedgerEntry | undefined {
  return entries.find(({ result }) => result === 'serving');
}

/** What runs, and the history; revisions whose record was pruned are told by their containers. */
export async function statusOf({ docker, ledger, service }: DockerPlace): Promise<TargetStatus> {
  const containers = (await containersOf(docker, service)).filter(({ isCandidate }) => !isCandidate);
  const entries = await ledger.entries();
  const serving = servingOf(containers);
  const served = servedLast(entries);
  const noted = entries.map(({ release: _, ...record }) => record);
  const unnoted = containers
    .filter(({ revision }) => !entries.some((entry) => entry.revision === revision))
    .map(({ revision, release: { image, modelDigest, configDigest }, deployedAt }) => {
      const result = revision === serving?.revision ? ('serving' as const) : ('replaced' as const);
      return { revision, image, modelDigest, configDigest, deployedAt, result };
    });
  const history = [...noted, ...unnoted].sort((a, b) => b.revision - a.revision).slice(0, keptRevisions);
  const wasDeployed = history.some(({ result }) => result === 'serving');
  return {
    image: (serving ?? served)?.release.image,
    // One that has ended is still what a deploy replaces, and what it goes back to.
    revision: (serving ?? served)?.revision,
    endpoint: serving === undefined ? undefined : urlOf(serving.release.hostPort),
    replicas: {
      ready: serving !== undefined && serving.details.health !== 'unhealthy' ? 1 : 0,
      wanted: serving !== undefined || wasDeployed ? 1 : 0,
    },
    history,
  };
}
