import type { DockerVolumes } from '../../platform/docker/volumes.js';
import type { DeployRecord, RevisionResult } from '../target.js';
import { type DockerRelease, labels, recordLabels, releaseIn, revisionName } from './spec.js';

/** How many revisions can be gone back to. */
export const keptRevisions = 10;

const longestWhy = 300;

export interface LedgerEntry extends DeployRecord {
  /** Enough to make the container again when somebody has pruned it. */
  readonly release: DockerRelease;
}

/**
 * The history of one service. Labels of a container cannot change, and how a revision ended is known only later, so each
 * revision has an empty volume `<service>-r<N>` whose labels are its record, replaced when there is more to say. Volumes
 * outlive `docker container prune`.
 */
export class Ledger {
  readonly #service: string;
  readonly #volumes: DockerVolumes;

  constructor(service: string, volumes: DockerVolumes) {
    this.#service = service;
    this.#volumes = volumes;
  }

  /** Newest first. */
  async entries(): Promise<LedgerEntry[]> {
    const volumes = await this.#volumes.labelled(labels.service, this.#service);
    const entries = volumes.map((volume) => entryOf(volume.labels)).filter((entry) => entry !== undefined);
    return entries.sort((a, b) => b.revision - a.revision);
  }

  async write(entry: LedgerEntry): Promise<void> {
    const name = revisionName(this.#service, entry.revision);
    await this.#volumes.remove(name);
    const { release, revision, deployedAt, result, why } = entry;
    await this.#volumes.create(name, {
      ...recordLabels(release, revision, deployedAt),
      [labels.result]: result,
      ...(why === undefined ? {} : { [labels.why]: why.slice(0, longestWhy) }),
    });
  }

  async forget(revision: number): Promise<void> {
    await this.#volumes.remove(revisionName(this.#service, revision));
  }
}

const results: readonly string[] = ['serving', 'replaced', 'failed', 'rolled-back'] satisfies RevisionResult[];

function entryOf(found: Readonly<Record<string, string>>): LedgerEntry | undefined {
  const release = releaseIn(found[labels.release]);
  const revision = Number(found[labels.revision]);
  const result = found[labels.result] ?? '';
  if (release === undefined || !Number.isInteger(revision) || !results.includes(result)) return undefined;
  const why = found[labels.why];
  return {
    ...recordOf(release, revision, found[labels.deployedAt] ?? '', result as RevisionResult),
    ...(why === undefined ? {} : { why }),
  };
}

export function recordOf(
  release: DockerRelease,
  revision: number,
  deployedAt: string,
  result: RevisionResult,
): LedgerEntry {
  const { image, modelDigest, configDigest } = release;
  return { revision, image, modelDigest, configDigest, deployedAt, result, release };
}
