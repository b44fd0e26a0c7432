import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { Kubectl } from './kubectl.js';
import { type KubernetesObject, nameOf } from './objects.js';

/** The first minor version of Kubernetes 1 in which a lifecycle hook may sleep without a feature gate (KEP-3960). */
const sleepMinor = 30;

/**
 * Throws PrerequisiteError `CLUSTER_TOO_OLD` for a cluster that would drop or refuse a field of the manifests. A version that
 * cannot be read is let through: the server says what it does not take.
 */
export async function requireServerVersion(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<void> {
  const sleeping = objects.filter((object) => /"(?:preStop|postStart)":\{"sleep":/.test(JSON.stringify(object)));
  if (sleeping.length === 0) return;
  const text = await kubectl.text('Asking for the version of the cluster', ['version', '-o', 'json'], { retries: 2 });
  const version = (JSON.parse(text) as { serverVersion?: { gitVersion?: string } }).serverVersion?.gitVersion ?? '';
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || Number(major) > 1 || Number(minor) >= sleepMinor) return;
  throw new PrerequisiteError(`${kubectl.access.place} is too old for the manifests`, {
    code: 'CLUSTER_TOO_OLD',
    why: `It is Kubernetes ${version}; preStop.sleep of ${sleeping.map(nameOf).join(', ')} needs 1.${sleepMinor}. Nothing was changed.`,
    actions: [
      `Upgrade the cluster to 1.${sleepMinor} or newer`,
      'Or take lifecycle.preStop out of deploy/kubernetes: pods then leave without waiting for load balancers',
    ],
  });
}
