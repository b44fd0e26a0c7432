import { OperationError } from '../../base/errors/mlops-error.js';
import type { Docker } from '../../platform/docker/types.js';
import type { ProcessIdentity } from '../../platform/process/identity.js';
import { labels, lockName } from './spec.js';

/** Who asks for the lock. */
export interface LockDeps {
  readonly docker: Docker;
  readonly service: string;
  readonly self: ProcessIdentity;
  /** Whether a process of this machine is still there. */
  readonly isAlive: (pid: number) => boolean;
  readonly now: () => Date;
}

interface Holder extends ProcessIdentity {
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** Somebody else may give it back, or die, while we ask. */
const tries = 5;

/**
 * One command at a time changes a service: a container that is never started has its name from the moment that it is
 * created, and the daemon gives a name once. A lock whose owner ended without giving it back is taken over when that was
 * a process of this machine; whether one of another machine lives cannot be known.
 * @param image any image that the daemon has
 * @returns the container to remove when done
 * @throws OperationError `DEPLOY_UNDERWAY`
 */
export async function takeLock(image: string, deps: LockDeps): Promise<string> {
  const { docker, service, self, isAlive, now } = deps;
  const name = lockName(service);
  const holder: Holder = { ...self, since: now().toISOString() };
  const options = { name, image, labels: { [labels.lock]: JSON.stringify(holder) } };
  for (let left = tries; ; left--) {
    try {
      return await docker.create(options);
    } catch (error) {
      if (!(error instanceof OperationError) || error.code !== 'CONTAINER_EXISTS' || left === 0) throw error;
      const found = await docker.inspectContainer(name);
      if (found === undefined) continue;
      const other = holderIn(found.labels[labels.lock]);
      if (other === undefined) throw error;
      if (other.host !== self.host || isAlive(other.pid)) throw underway(service, other);
      // By its id: the name may be somebody else's by now.
      await docker.remove(found.id);
    }
  }
}

function holderIn(text: string | undefined): Holder | undefined {
  try {
    const holder = JSON.parse(text ?? 'null') as Holder | null;
    return typeof holder?.host === 'string' && Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function underway(service: string, { host, pid, since }: Holder): OperationError {
  return new OperationError(`Another deploy or rollback of ${service} is under way`, {
    code: 'DEPLOY_UNDERWAY',
    why: `Process ${pid} on ${host} has been changing it since ${since}. Nothing was changed by this command.`,
    actions: ['Wait until it has ended', `If it is gone for sure: docker rm ${lockName(service)}`],
  });
}
