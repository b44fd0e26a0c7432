import type { LeftBehind, TargetStatus } from '../target.js';
import { containersOf, servingOf } from './containers.js';
import { keptRevisions } from './ledger.js';
import type { DockerPlace } from './place.js';
import { urlOf, waitingNetwork } from './spec.js';

/** Takes candidates away, and a first revision that failed; says what runs. */
export async function leave(
  { docker, networks, service }: DockerPlace,
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
  const stopped = containers.find((one) => !useless.includes(one));
  if (stopped === undefined) return { sentences: [...removed, 'No container is left.'], actions: again };
  return {
    sentences: [...removed, `Nothing serves: revision ${stopped.revision} is stopped.`],
    actions: [`mlops rollback --target docker --to ${stopped.revision}`, ...again],
  };
}

/** What runs, and the history; revisions whose record was pruned are told by their containers. */
export async function statusOf({ docker, ledger, service }: DockerPlace): Promise<TargetStatus> {
  const containers = (await containersOf(docker, service)).filter(({ isCandidate }) => !isCandidate);
  const entries = await ledger.entries();
  const serving = servingOf(containers);
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
    image: serving?.release.image,
    revision: serving?.revision,
    endpoint: serving === undefined ? undefined : urlOf(serving.release.hostPort),
    replicas: {
      ready: serving !== undefined && serving.details.health !== 'unhealthy' ? 1 : 0,
      wanted: serving !== undefined || wasDeployed ? 1 : 0,
    },
    history,
  };
}
