import { OperationError } from '../../base/errors/mlops-error.js';
import type { Reporter } from '../../base/progress/reporter.js';
import { formatDuration } from '../../base/units.js';
import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import { Lease, type LeaseHolder, type LeaseTiming } from '../../platform/kubernetes/lease.js';
import type { ProcessIdentity } from '../../platform/process/identity.js';

/** A deploy takes minutes, and who was killed blocks the next one for half a minute. */
export const defaultLeaseTiming: LeaseTiming = { durationMs: 30_000, renewMs: 10_000, pollMs: 2_000 };

export interface HoldDeps {
  readonly kubectl: Kubectl;
  readonly reporter: Reporter;
  readonly timing: LeaseTiming;
  readonly self: ProcessIdentity;
  readonly user: string | undefined;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Keeps others from changing the release until the lease is released. Throws OperationError `DEPLOY_UNDERWAY`. */
export async function holdRelease(name: string, deps: HoldDeps): Promise<Lease> {
  const { kubectl, reporter, timing, self, user, now, sleep } = deps;
  const process = `process ${self.pid} on ${self.host}`;
  const lease = await Lease.take(kubectl, {
    name: leaseName(name),
    holder: user === undefined ? process : `${user}, ${process}`,
    timing,
    now,
    sleep,
    onWait: ({ holder, since }) => {
      const wait = formatDuration(timing.durationMs);
      reporter.note(
        `${holder} began a deploy at ${since} and is not heard of: taking over unless it is within ${wait}`,
      );
    },
  });
  if (lease instanceof Lease) return lease;
  throw new OperationError(`Another deploy or rollback of ${name} is under way`, {
    code: 'DEPLOY_UNDERWAY',
    why: `${told(lease)} Nothing was changed by this command.`,
    actions: [`Wait until it has ended: kubectl --namespace ${kubectl.namespace} get lease ${leaseName(name)}`],
  });
}

/** Throws OperationError `DEPLOY_TAKEN_OVER` when somebody else has the lease by now: what they deploy is theirs. */
export function requireHeld(name: string, lease: Lease | undefined): void {
  const other = lease?.takenBy;
  if (other === undefined) return;
  throw new OperationError(`Somebody else has taken over deploying ${name}`, {
    code: 'DEPLOY_TAKEN_OVER',
    why: `This command lost the cluster for too long. ${told(other)} Nothing more is changed by this command.`,
    actions: ['mlops status'],
  });
}

function leaseName(name: string): string {
  return `mlops-${name}`;
}

function told({ holder, since }: LeaseHolder): string {
  return since === '' ? `${holder} is changing it.` : `${holder} has been changing it since ${since}.`;
}
