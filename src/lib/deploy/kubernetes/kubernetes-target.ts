import { setTimeout as sleepFor } from 'node:timers/promises';
import { type Line, line } from '../../base/text/line.js';
import type { ClusterAccess } from '../../platform/kubernetes/access.js';
import { requireKnownKinds } from '../../platform/kubernetes/known-kinds.js';
import { Kubectl } from '../../platform/kubernetes/kubectl.js';
import type { Lease } from '../../platform/kubernetes/lease.js';
import { type KubernetesObject, nameOf } from '../../platform/kubernetes/objects.js';
import type { RolloutTiming } from '../../platform/kubernetes/rollout/wait.js';
import { requireServerVersion } from '../../platform/kubernetes/server-version.js';
import { thisProcess } from '../../platform/process/identity.js';
import { noSuchRevision } from '../errors.js';
import type {
  LeftBehind,
  Preview,
  Reachable,
  Release,
  RevisionResult,
  RolledOut,
  Target,
  TargetStatus,
} from '../target.js';
import { dryRun, leftovers } from './apply.js';
import { diffManifest } from './diff.js';
import { waitForEndpoint } from './endpoint.js';
import { packagedManifests, prepareManifests } from './folder.js';
import { History } from './history.js';
import { defaultLeaseTiming, holdRelease, requireHeld } from './hold.js';
import { leftBehind } from './leave.js';
import { defaultTiming, type KubernetesDeps, type KubernetesOptions } from './options.js';
import type { FixedAddress } from './overlay.js';
import { applyPullSecret, renewPullSecret } from './pull-secret.js';
import { throughTunnel } from './reach.js';
import { renderManifest } from './render.js';
import { formerObjects, rollOutManifest } from './roll-out.js';
import { readStatus } from './status.js';

/** A namespace of a Kubernetes cluster. EKS and GKE differ in how one gets in, and in the fixed address. */
export class KubernetesTarget implements Target {
  readonly kind: 'eks' | 'gke';
  readonly place: string;
  readonly #options: KubernetesOptions;
  readonly #deps: KubernetesDeps;
  readonly #address: FixedAddress | undefined;
  readonly #region: string | undefined;
  readonly #kubectl: Kubectl;
  readonly #history: History;
  readonly #sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly #timing: RolloutTiming;
  #lease: Lease | undefined;
  #previewed: { readonly release: Release; readonly objects: readonly KubernetesObject[] } | undefined;

  constructor(
    cluster: { kind: 'eks' | 'gke'; access: ClusterAccess; address: FixedAddress | undefined; region?: string },
    options: KubernetesOptions,
    deps: KubernetesDeps,
  ) {
    const { namespace, timeoutMs, project } = options;
    this.kind = cluster.kind;
    this.place = `${cluster.access.place}, namespace ${namespace}`;
    this.#options = options;
    this.#deps = deps;
    this.#address = cluster.address;
    this.#region = cluster.region;
    this.#sleep = deps.sleep ?? ((ms, signal) => sleepFor(ms, undefined, signal === undefined ? {} : { signal }));
    this.#timing = { ...defaultTiming, timeoutMs, ...deps.timing };
    this.#kubectl = new Kubectl({
      runner: deps.runner,
      access: cluster.access,
      namespace,
      sleep: this.#sleep,
      onRetry: (why) => deps.reporter.warn(why),
    });
    this.#history = new History(this.#kubectl, project.config.name);
  }

  get #name(): string {
    return this.#options.project.config.name;
  }

  get #force(): boolean {
    return this.#options.kubernetes?.forceConflicts === true;
  }

  async hold(_release: Release | undefined): Promise<void> {
    const { reporter, now, env } = this.#deps;
    const timing = { ...defaultLeaseTiming, ...this.#deps.leaseTiming };
    const who = { self: thisProcess(), user: env.USER || env.USERNAME || undefined };
    this.#lease = await holdRelease(this.#name, {
      ...who,
      kubectl: this.#kubectl,
      reporter,
      timing,
      now,
      sleep: this.#sleep,
    });
  }

  async preview(release: Release): Promise<Preview> {
    const objects = await this.#prepare(release);
    await dryRun(this.#kubectl, objects, this.#force);
    this.#previewed = { release, objects };
    const lines = await diffManifest(this.#kubectl, objects, this.#force);
    const revisions = await this.#history.list();
    const live = History.live(revisions);
    const { prune } = leftovers(await formerObjects(this.#history, revisions, live), objects);
    const gone: Line[] = prune.map((object) => line(`${nameOf(object)} will be taken away`, 'danger'));
    const unfinished = live !== undefined && live.result !== 'serving';
    if (lines.length + gone.length === 0 && unfinished) {
      lines.push(
        line(`Nothing differs, but revision ${live.revision} did not get to serve: it is rolled out again`, 'change'),
      );
    }
    return { hasChanges: lines.length + gone.length > 0, lines: [...lines, ...gone] };
  }

  async rollOut(release: Release, stop: AbortSignal): Promise<RolledOut> {
    // What was shown is what is applied, even if the files have changed since.
    const objects = this.#previewed?.release === release ? this.#previewed.objects : await this.#prepare(release);
    if (this.#pullSecret !== undefined) {
      await applyPullSecret(this.#kubectl, { name: this.#pullSecret, image: release.image }, this.#deps);
    }
    const revisions = await this.#history.list();
    const former = await formerObjects(this.#history, revisions, History.live(revisions));
    const { image, modelDigest, configDigest } = release;
    const deployedAt = this.#deps.now().toISOString();
    requireHeld(this.#name, this.#lease);
    // Noted before it is applied: whatever ends this, the history says what the cluster may have.
    const record = { image, modelDigest, configDigest, deployedAt, applied: History.nextApplied(revisions) };
    const { revision } = await this.#history.begin(record, objects, revisions[0]?.revision ?? 0);
    return await this.#bringUp({ revision, objects, former, force: this.#force, stop });
  }

  async reach<T>(_rolledOut: RolledOut, work: (reachable: Reachable) => Promise<T>, stop: AbortSignal): Promise<T> {
    // The rollout is over: every pod behind the Service is of this revision.
    return await throughTunnel(this.#kubectl, this.#name, work, stop);
  }

  async promote(rolledOut: RolledOut): Promise<RolledOut> {
    // Pods that are ready have traffic: there is no step of its own.
    return rolledOut;
  }

  async restore(wanted: number | undefined, stop: AbortSignal): Promise<RolledOut> {
    const revisions = await this.#history.list();
    const live = History.live(revisions);
    const chosen = History.toRestore(revisions, wanted);
    if (chosen === undefined) {
      const numbers = revisions.map(({ revision }) => revision).join(', ') || 'none';
      const where = `${this.#name} in ${this.place}`;
      throw noSuchRevision(wanted, { where, target: this.kind, why: `It has: ${numbers}.` });
    }
    const { revision, image } = chosen;
    const objects = await this.#history.manifest(revision);
    const former = await formerObjects(this.#history, revisions, live);
    requireHeld(this.#name, this.#lease);
    if (this.#pullSecret !== undefined) {
      await renewPullSecret(this.#kubectl, { name: this.#pullSecret, image }, this.#deps);
    }
    await this.#history.update(revision, { applied: History.nextApplied(revisions) });
    // What others have changed since is not what served then.
    return await this.#bringUp({ revision, objects, former, force: true, stop });
  }

  async record(revision: number, result: RevisionResult, why?: string): Promise<void> {
    requireHeld(this.#name, this.#lease);
    await this.#history.record(revision, result, why);
  }

  async leave(cause: 'interrupted' | 'failed'): Promise<LeftBehind> {
    return leftBehind(cause, { name: this.#name, namespace: this.#kubectl.namespace, place: this.place });
  }

  async status(): Promise<TargetStatus> {
    return await readStatus(this.#kubectl, this.#name, this.#history);
  }

  async close(): Promise<void> {
    // A lease that cannot be given back runs out.
    await this.#lease?.release().catch(() => {});
    await this.#kubectl.access.close();
  }

  get #pullSecret(): string | undefined {
    const { kubernetes, project } = this.#options;
    const isWanted = kubernetes?.pullSecret === true || project.config.deploy?.pullSecret === true;
    return isWanted ? `${this.#name}-pull` : undefined;
  }

  async #prepare(release: Release): Promise<KubernetesObject[]> {
    const objects = await this.#render(release);
    await requireKnownKinds(this.#kubectl, objects);
    await requireServerVersion(this.#kubectl, objects);
    return objects;
  }

  async #render(release: Release): Promise<KubernetesObject[]> {
    const { runner, reporter, templates = packagedManifests } = this.#deps;
    const dir = await prepareManifests(this.#options.project.dir, templates, reporter);
    const {
      namespace,
      project: { config },
    } = this.#options;
    return await renderManifest(runner, {
      dir,
      release,
      namespace,
      address: this.#address,
      region: this.#region,
      pullSecret: this.#pullSecret,
      allowedCidrs: config.deploy?.allowedCidrs ?? [],
      architecture: config.image?.platform?.split('/')[1],
    });
  }

  async #bringUp(given: {
    revision: number;
    objects: readonly KubernetesObject[];
    former: readonly KubernetesObject[];
    force: boolean;
    stop: AbortSignal;
  }): Promise<RolledOut> {
    const { reporter, now } = this.#deps;
    const common = { kubectl: this.#kubectl, reporter, sleep: this.#sleep };
    const deps = { ...common, history: this.#history, timing: this.#timing, now };
    await rollOutManifest({ name: this.#name, ...given }, deps);
    const waiting = { now: () => now().getTime(), sleep: this.#sleep, pollMs: this.#timing.pollMs, stop: given.stop };
    const endpoint = await waitForEndpoint(this.#kubectl, this.#name, waiting);
    return { revision: given.revision, endpoint };
  }
}
