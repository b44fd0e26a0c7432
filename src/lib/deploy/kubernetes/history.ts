import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { OperationError } from '../../base/errors/mlops-error.js';
import { hasErrorCode } from '../../platform/kubernetes/failure.js';
import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import { type KubernetesObject, parseObjects, writeObjects } from '../../platform/kubernetes/objects.js';
import type { DeployRecord, RevisionResult } from '../target.js';
import { fieldManager } from './options.js';

/** What a Secret may hold, in bytes: https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size */
const mostSecretBytes = 2 ** 20;
const kept = 10;
const secretType = 'mlops/release.v1';
const releaseLabel = 'mlops/release';

/** A deploy as it is kept in the cluster. */
export interface Revision extends DeployRecord {
  /** Counts every time that a manifest is applied: the highest number is what the cluster has. No clock is asked. */
  readonly applied: number;
}

interface StoredSecret {
  readonly metadata: { readonly name: string };
  readonly data?: { readonly record?: string; readonly manifest?: string };
}

export type NewRevision = Omit<Revision, 'revision' | 'result' | 'why'>;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The deploys of one release, each in a Secret `mlops-<name>-r<N>` with the manifest as it was applied. */
export class History {
  readonly #kubectl: Kubectl;
  readonly #name: string;

  constructor(kubectl: Kubectl, name: string) {
    this.#kubectl = kubectl;
    this.#name = name;
  }

  /** Newest first. */
  async list(): Promise<Revision[]> {
    return (await this.#secrets()).map(({ revision }) => revision);
  }

  /** What the cluster has: the revision whose manifest was applied last. */
  static live(revisions: readonly Revision[]): Revision | undefined {
    return revisions.toSorted((a, b) => b.applied - a.applied || b.revision - a.revision)[0];
  }

  /** The revision that is named, or else the newest that served and is not what the cluster has. */
  static toRestore(revisions: readonly Revision[], wanted: number | undefined): Revision | undefined {
    if (wanted !== undefined) return revisions.find(({ revision }) => revision === wanted);
    const live = History.live(revisions);
    return revisions.find(
      ({ revision, result }) => revision !== live?.revision && (result === 'serving' || result === 'replaced'),
    );
  }

  static nextApplied(revisions: readonly Revision[]): number {
    return Math.max(0, ...revisions.map(({ applied }) => applied)) + 1;
  }

  /** Throws OperationError `REVISION_UNREADABLE`. */
  async manifest(revision: number): Promise<KubernetesObject[]> {
    const secret = await this.#kubectl.find<StoredSecret>('Reading the history', [
      'secret',
      this.#secretName(revision),
    ]);
    const content = secret?.data?.manifest;
    if (content === undefined) {
      throw new OperationError(`The manifest of revision ${revision} is not there any more`, {
        code: 'REVISION_UNREADABLE',
        why: `The last ${kept} are kept, in the Secrets ${this.#secretName('<N>')}.`,
        actions: ['Choose another one: mlops status'],
      });
    }
    return await parseObjects((await decompress(Buffer.from(content, 'base64'))).toString('utf8'));
  }

  /**
   * Takes the next number. Until something else is noted it counts as failed: whoever made it may have been cut off. Two
   * deploys at the same time get two numbers, for creating a Secret works once. `newest` is the last one known.
   */
  async begin(record: NewRevision, objects: readonly KubernetesObject[], newest: number): Promise<Revision> {
    const manifest = (await compress(await writeObjects(objects))).toString('base64');
    const size = Buffer.byteLength(manifest, 'base64');
    if (size > mostSecretBytes - 4096) {
      throw new OperationError('The manifests are too large for the history', {
        code: 'MANIFEST_TOO_LARGE',
        why: `They take ${size} bytes compressed; a Secret of Kubernetes holds 1 MiB (${mostSecretBytes} bytes).`,
        actions: ['Move large ConfigMaps into the image or a bucket'],
      });
    }
    for (let number = newest + 1; ; number++) {
      const revision: Revision = { revision: number, ...record, result: 'failed', why: 'it was not finished' };
      const input = JSON.stringify(this.#secret(revision, manifest));
      const result = await this.#kubectl.run(['create', '-f', '-', `--field-manager=${fieldManager}`], { input });
      if (result.exitCode === 0) return revision;
      const failure = this.#kubectl.failure('Noting the deploy', result);
      if (!hasErrorCode(failure, 'ALREADY_EXISTS')) throw failure;
    }
  }

  /** Changes what is known of a revision; one that is not there is ignored. */
  async update(number: number, change: Partial<Pick<Revision, 'result' | 'why' | 'applied'>>): Promise<void> {
    for (const { revision, manifest } of await this.#secrets()) {
      if (revision.revision === number) await this.#write(merge(revision, change), manifest);
    }
  }

  /** Notes how a revision ended; the one that served until then is replaced by one that serves now. */
  async record(number: number, result: RevisionResult, why?: string): Promise<void> {
    const all = await this.#secrets();
    for (const { revision, manifest } of all) {
      if (revision.revision === number) {
        const { why: _former, ...rest } = revision;
        await this.#write({ ...rest, result, ...(why === undefined ? {} : { why }) }, manifest);
      } else if (result === 'serving' && revision.result === 'serving') {
        await this.#write({ ...revision, result: 'replaced' }, manifest);
      }
    }
    if (result === 'serving')
      await this.#forgetOld(
        all.map(({ revision }) => revision.revision),
        number,
      );
  }

  async #forgetOld(numbers: readonly number[], serving: number): Promise<void> {
    const old = numbers
      .toSorted((a, b) => b - a)
      .slice(kept)
      .filter((number) => number !== serving);
    if (old.length === 0) return;
    const names = old.map((number) => this.#secretName(number));
    await this.#kubectl.text('Forgetting old deploys', [
      'delete',
      'secret',
      ...names,
      '--ignore-not-found',
      '--wait=false',
    ]);
  }

  async #secrets(): Promise<{ revision: Revision; manifest: string }[]> {
    const selector = `${releaseLabel}=${this.#name}`;
    const { items } = await this.#kubectl.get<{ items: StoredSecret[] }>('Reading the history', [
      'secrets',
      '--selector',
      selector,
    ]);
    const read = items.flatMap(({ data }) => {
      if (data?.record === undefined || data.manifest === undefined) return [];
      const revision = JSON.parse(Buffer.from(data.record, 'base64').toString('utf8')) as Revision;
      return [{ revision, manifest: data.manifest }];
    });
    return read.toSorted((a, b) => b.revision.revision - a.revision.revision);
  }

  async #write(revision: Revision, manifest: string): Promise<void> {
    const args = ['apply', '--server-side', '--force-conflicts', `--field-manager=${fieldManager}`, '-f', '-'];
    const input = JSON.stringify(this.#secret(revision, manifest));
    await this.#kubectl.text('Noting how the deploy ended', args, { input, retries: 3 });
  }

  #secret(revision: Revision, manifest: string) {
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: this.#secretName(revision.revision),
        labels: { 'app.kubernetes.io/managed-by': 'mlops', [releaseLabel]: this.#name },
      },
      type: secretType,
      data: { record: Buffer.from(JSON.stringify(revision)).toString('base64'), manifest },
    };
  }

  #secretName(revision: number | string): string {
    return `mlops-${this.#name}-r${revision}`;
  }
}

function merge(revision: Revision, change: Partial<Revision>): Revision {
  return { ...revision, ...change };
}
