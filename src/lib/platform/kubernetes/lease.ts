import { hasErrorCode } from './failure.js';
import type { Kubectl } from './kubectl.js';

export interface LeaseTiming {
  /** How long a lease lasts that is not renewed. Whole seconds: the API knows no others. */
  readonly durationMs: number;
  readonly renewMs: number;
  /** How often one that seems forgotten is looked at. */
  readonly pollMs: number;
}

export interface LeaseOptions {
  readonly name: string;
  /** Who holds it, as others read it. */
  readonly holder: string;
  readonly timing: LeaseTiming;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called before the wait for somebody who may be gone. */
  readonly onWait: (other: LeaseHolder) => void;
}

export interface LeaseHolder {
  readonly holder: string;
  /** ISO 8601, by the clock of the holder. */
  readonly since: string;
}

interface LeaseObject {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
}

/** Others may take it or give it back while we ask. */
const tries = 5;

/**
 * A Lease of coordination.k8s.io, renewed until it is released: one holder at a time, also across machines. Clocks are not
 * trusted: a lease that looks expired is watched for its whole duration, and what nobody renews meanwhile is taken over, as
 * client-go elects leaders. Every write carries the resourceVersion that it is based on, so that two cannot both succeed.
 */
export class Lease {
  readonly #kubectl: Kubectl;
  readonly #options: LeaseOptions;
  readonly #acquired: string;
  #version: string;
  #takenBy: LeaseHolder | undefined;
  #timer: NodeJS.Timeout | undefined;
  #renewal: Promise<void> = Promise.resolve();

  private constructor(kubectl: Kubectl, options: LeaseOptions, acquired: string, version: string) {
    this.#kubectl = kubectl;
    this.#options = options;
    this.#acquired = acquired;
    this.#version = version;
    this.#renewLater();
  }

  /** The lease, or who has it. Throws what kubectlFailure makes of a refusal. */
  static async take(kubectl: Kubectl, options: LeaseOptions): Promise<Lease | LeaseHolder> {
    let other: LeaseHolder = { holder: 'somebody', since: '' };
    for (let attempt = 0; attempt < tries; attempt++) {
      const found = await read(kubectl, options.name);
      const current = found === undefined ? undefined : await unlessRenewed(kubectl, found, options);
      if (current === 'renewed') return holderOf((await read(kubectl, options.name)) ?? found);
      if (current !== undefined) other = holderOf(current);
      const acquired = micro(options.now());
      const version = await write(kubectl, options, acquired, current?.metadata.resourceVersion);
      if (version !== undefined) return new Lease(kubectl, options, acquired, version);
    }
    return other;
  }

  /** Who took it over, when we were not heard of for too long. */
  get takenBy(): LeaseHolder | undefined {
    return this.#takenBy;
  }

  /** Gives it back; one that somebody else has by now stays theirs. */
  async release(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#renewal;
    if (this.#takenBy !== undefined) return;
    await write(this.#kubectl, { ...this.#options, holder: '' }, this.#acquired, this.#version);
  }

  #renewLater(): void {
    this.#timer = setTimeout(() => {
      this.#renewal = this.#renew();
    }, this.#options.timing.renewMs);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    try {
      const version = await write(this.#kubectl, this.#options, this.#acquired, this.#version);
      if (version === undefined) await this.#lookWhoHasIt();
      else this.#version = version;
    } catch {
      // A connection that is lost for a moment: the next renewal finds out.
    }
    if (this.#timer !== undefined && this.#takenBy === undefined) this.#renewLater();
  }

  async #lookWhoHasIt(): Promise<void> {
    const found = await read(this.#kubectl, this.#options.name);
    const isOurs = found?.spec.holderIdentity === this.#options.holder && found.spec.acquireTime === this.#acquired;
    // Ours after all: the answer to the write before was lost on the way.
    if (isOurs) this.#version = found.metadata.resourceVersion;
    else this.#takenBy = holderOf(found);
  }
}

async function read(kubectl: Kubectl, name: string): Promise<LeaseObject | undefined> {
  return await kubectl.find<LeaseObject>('Reading the lease', ['leases.coordination.k8s.io', name]);
}

/** The lease as it is when it may be taken, `renewed` when its holder is alive. */
async function unlessRenewed(
  kubectl: Kubectl,
  found: LeaseObject,
  { name, timing, now, sleep, onWait }: LeaseOptions,
): Promise<LeaseObject | 'renewed' | undefined> {
  const { holderIdentity = '', renewTime = '', leaseDurationSeconds = timing.durationMs / 1000 } = found.spec;
  if (holderIdentity === '') return found;
  const durationMs = leaseDurationSeconds * 1000;
  // In the future as well: then the clocks differ, and say nothing.
  if (Math.abs(now().getTime() - Date.parse(renewTime)) < durationMs) return 'renewed';
  onWait(holderOf(found));
  for (let waited = 0; waited < durationMs; waited += timing.pollMs) {
    await sleep(timing.pollMs);
    const next = await read(kubectl, name);
    if (next?.metadata.resourceVersion === found.metadata.resourceVersion) continue;
    return next === undefined || !next.spec.holderIdentity ? next : 'renewed';
  }
  return found;
}

/** The new resourceVersion; undefined when somebody else has written since `version`, or made it first. */
async function write(
  kubectl: Kubectl,
  { name, holder, timing, now }: LeaseOptions,
  acquireTime: string,
  version: string | undefined,
): Promise<string | undefined> {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      labels: { 'app.kubernetes.io/managed-by': 'mlops' },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: Math.max(1, Math.round(timing.durationMs / 1000)),
      acquireTime,
      renewTime: micro(now()),
    },
  };
  const verb = version === undefined ? 'create' : 'replace';
  const input = JSON.stringify(lease);
  const result = await kubectl.run([verb, '-f', '-', '-o', 'json', '--field-manager=mlops-lease'], { input });
  if (result.exitCode === 0) return (JSON.parse(result.stdout) as LeaseObject).metadata.resourceVersion;
  const failure = kubectl.failure('Taking the lease', result);
  const isRace = /\(Conflict\)|object has been modified/.test(result.stderr) || hasErrorCode(failure, 'ALREADY_EXISTS');
  if (isRace || (version !== undefined && /\(NotFound\)/.test(result.stderr))) return undefined;
  throw failure;
}

function holderOf(lease: LeaseObject | undefined): LeaseHolder {
  return { holder: lease?.spec.holderIdentity || 'somebody', since: lease?.spec.acquireTime ?? '' };
}

/** A MicroTime of the API has exactly six digits after the second. */
function micro(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
