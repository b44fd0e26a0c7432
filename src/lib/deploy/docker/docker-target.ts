import { performance } from 'node:perf_hooks';
import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import { contentDigest } from '../../image/tag.js';
import { noSuchRevision, RolloutError } from '../errors.js';
import { settingsPreview } from '../settings-diff.js';
import type { Preview, Reachable, Release, RevisionResult, RolledOut, Target } from '../target.js';
import { containersOf, type RevisionContainer, servingOf } from './containers.js';
import { keptRevisions, recordOf } from './ledger.js';
import { takeLock } from './lock.js';
import { type DockerPlace, defaultTiming } from './place.js';
import { waitUntilReady } from './ready.js';
import { forgetOld, leave, removeRemains, statusOf } from './remains.js';
import {
  candidateName,
  candidateSpec,
  type DockerRelease,
  revisionName,
  settingsOf,
  urlOf,
  waitingNetwork,
} from './spec.js';
import { type Incoming, putOnPort } from './swap.js';

/** A container that is started again needs about as long as it did when it was checked; twice that is on the safe side. */
const warmUpFactor = 2;

export interface DockerTargetOptions {
  /** The fixed port on this machine. */
  readonly hostPort: number;
}

/** One revision on its way from its candidate to the fixed port. */
interface Pending {
  readonly revision: number;
  readonly release: DockerRelease;
  readonly deployedAt: string;
  warmUpMs: number;
}

/**
 * The local Docker daemon as a target: one container on a fixed port of this machine, with the image, limits and
 * restrictions that it would have anywhere. A revision is checked as a candidate on a free port before it replaces the
 * one that serves. Old containers stay, stopped, so that going back is starting one again.
 */
export function createDockerTarget(place: DockerPlace, options: DockerTargetOptions): Target {
  const { docker, ledger, service } = place;
  const { warmUpMs } = { ...defaultTiming, ...place.timing };
  const missing = { where: service, target: 'docker', why: `The last ${keptRevisions} are kept.` };
  let pending: Pending | undefined;
  let lock: string | undefined;

  async function resolve(release: Release): Promise<DockerRelease> {
    const image = await docker.inspectImage(release.image);
    if (image !== undefined) {
      return { ...release, hostPort: options.hostPort, imageId: image.id, content: contentDigest(image) };
    }
    throw new UsageError(`The Docker daemon has no image ${release.image}`, {
      code: 'IMAGE_NOT_FOUND',
      actions: ['mlops build', `docker pull ${release.image}`],
    });
  }

  async function hold(release: Release | undefined): Promise<void> {
    for (const image of release === undefined ? await knownImages() : [(await resolve(release)).imageId]) {
      if ((await docker.inspectImage(image)) === undefined) continue;
      lock = await takeLock(image, place);
      return;
    }
  }

  async function knownImages(): Promise<Set<string>> {
    const known = [...(await containersOf(docker, service)), ...(await ledger.entries())];
    return new Set(known.map(({ release }) => release.imageId));
  }

  async function close(): Promise<void> {
    if (lock !== undefined) await docker.remove(lock);
    lock = undefined;
  }

  async function preview(release: Release): Promise<Preview> {
    const wanted = settingsOf(await resolve(release));
    const serving = servingOf(await containersOf(docker, service));
    return settingsPreview(`Container ${service}`, serving && settingsOf(serving.release), wanted);
  }

  async function rollOut(release: Release, stop: AbortSignal): Promise<RolledOut> {
    const resolved = await resolve(release);
    await removeRemains(place, pending?.revision);
    const revision = (await highestRevision()) + 1;
    pending = { revision, release: resolved, deployedAt: place.now().toISOString(), warmUpMs };
    const name = candidateName(service, revision);
    const started = performance.now();
    await docker.run(candidateSpec(resolved, revision, pending.deployedAt));
    const port = await publishedPort(name);
    const { timeoutMs } = place;
    const { memory } = resolved.resources;
    await waitUntilReady(docker, { container: name, revision, port, memory, timeoutMs, stop });
    pending.warmUpMs = Math.ceil((performance.now() - started) * warmUpFactor);
    return { revision, endpoint: urlOf(options.hostPort) };
  }

  async function reach<T>({ revision }: RolledOut, work: (reachable: Reachable) => Promise<T>): Promise<T> {
    const name = candidateName(service, revision);
    const port = await publishedPort(name);
    if (port !== undefined) return await work({ url: urlOf(port), headers: [] });
    throw new RolloutError('The container ended after it had been ready', {
      revision,
      why: [`${name} wrote:`, await docker.logs(name, 15).catch(() => 'nothing')].join('\n'),
      actions: ['mlops build'],
    });
  }

  async function promote(rolledOut: RolledOut): Promise<RolledOut> {
    if (pending?.revision !== rolledOut.revision) throw new RangeError('only what was rolled out can be promoted');
    await docker.remove(candidateName(service, rolledOut.revision));
    const serving = servingOf(await containersOf(docker, service));
    const never = new AbortController().signal;
    const gapMs = await putOnPort(place, { ...pending, exists: false }, serving, never).catch((error: unknown) => {
      throw refused(error, rolledOut.revision);
    });
    return { ...rolledOut, ...(gapMs === undefined ? {} : { gapMs }) };
  }

  async function restore(wanted: number | undefined, stop: AbortSignal): Promise<RolledOut> {
    await removeRemains(place, pending?.revision);
    await removePending(wanted);
    const containers = await containersOf(docker, service);
    const serving = servingOf(containers);
    const incoming = await incomingOf(wanted ?? (await lastServed()), containers);
    const { revision, release } = incoming;
    const restored = { revision, endpoint: urlOf(release.hostPort) };
    if (serving?.revision === revision) return restored;
    const gapMs = await putOnPort(place, incoming, serving, stop);
    return { ...restored, ...(gapMs === undefined ? {} : { gapMs }) };
  }

  /** What failed on the fixed port is of no use to anybody; what has served stays, stopped. */
  async function removePending(restored: number | undefined): Promise<void> {
    if (pending === undefined || pending.revision === restored) return;
    await docker.remove(revisionName(service, pending.revision));
    await place.networks.remove(waitingNetwork(service));
  }

  async function incomingOf(revision: number, containers: readonly RevisionContainer[]): Promise<Incoming> {
    const container = containers.find((one) => one.revision === revision);
    const known = container ?? (await ledger.entries()).find((one) => one.revision === revision);
    if (known === undefined) throw noSuchRevision(revision, missing);
    const { release, deployedAt } = known;
    if (container === undefined && (await docker.inspectImage(release.imageId)) === undefined) {
      throw new OperationError(`Revision ${revision} cannot be started again`, {
        code: 'IMAGE_GONE',
        why: `Its container and its image ${release.image} (${release.imageId}) were removed from the Docker daemon.`,
        actions: [`mlops deploy --target docker --image ${release.image}`],
      });
    }
    return { revision, release, deployedAt, exists: container !== undefined, warmUpMs };
  }

  async function lastServed(): Promise<number> {
    const { revision: current } = await statusOf(place);
    const others = (await ledger.entries()).filter(({ revision }) => revision !== current);
    const before =
      others.find(({ result }) => result === 'replaced') ??
      others.find(({ result, revision }) => result === 'rolled-back' && revision < (current ?? 0));
    if (before === undefined) throw noSuchRevision(undefined, missing);
    return before.revision;
  }

  async function record(revision: number, result: RevisionResult, why?: string): Promise<void> {
    const entries = await ledger.entries();
    const known = entries.find((entry) => entry.revision === revision) ?? pendingEntry(revision);
    if (known === undefined) return;
    const { why: _before, ...rest } = known;
    if (result === 'serving') {
      for (const entry of entries) {
        if (entry.result === 'serving' && entry.revision !== revision) {
          await ledger.write({ ...entry, result: 'replaced' });
        }
      }
    }
    await ledger.write({ ...rest, result, ...(why === undefined ? {} : { why }) });
    await forgetOld(place);
  }

  function pendingEntry(revision: number) {
    if (pending?.revision !== revision) return undefined;
    return recordOf(pending.release, revision, pending.deployedAt, 'failed');
  }

  async function highestRevision(): Promise<number> {
    const known = [...(await ledger.entries()), ...(await containersOf(docker, service))];
    return Math.max(0, ...known.map(({ revision }) => revision));
  }

  async function publishedPort(container: string): Promise<number | undefined> {
    return (await docker.inspectContainer(container))?.ports[0]?.hostPort || undefined;
  }

  return {
    kind: 'docker',
    place: 'the Docker daemon',
    hold,
    preview,
    rollOut,
    reach,
    promote,
    restore,
    record,
    leave: (cause) => leave(place, cause, pending?.revision),
    status: () => statusOf(place),
    close,
  };
}

function refused(error: unknown, revision: number): unknown {
  if (!(error instanceof OperationError) || error.code !== 'PORT_IN_USE') return error;
  return new RolloutError(error.message, {
    revision,
    code: error.code,
    ...(error.why === undefined ? {} : { why: error.why }),
    actions: ['Choose another port: --port, or deploy.port in mlops.yaml', ...error.actions],
  });
}
