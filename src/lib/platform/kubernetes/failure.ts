import { MlopsError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { ClusterAccess } from './access.js';
import { parseConflicts } from './conflicts.js';

const connection =
  /Unable to connect to the server|The connection to the server .* was refused|connection reset by peer|connection refused|no such host|network is unreachable|no route to host|i\/o timeout|TLS handshake timeout|context deadline exceeded|Client\.Timeout exceeded|http2: client connection lost|unexpected EOF|: EOF|the server is currently unable to handle the request|etcdserver: (?:request timed out|leader changed)/i;
const certificate = /x509:|certificate signed by unknown authority|tls: failed to verify/;
const unauthorized =
  /You must be logged in to the server|\bUnauthorized\b|the server has asked for the client to provide credentials/;
const forbidden = /Error from server \(Forbidden\)|is forbidden:/;
const credentialPlugin = /exec: executable (\S+) not found|getting credentials: exec/;

/** True when kubectl did not get an answer from the server, which may thus be asked again. */
export function isConnectionFailure(stderr: string): boolean {
  return connection.test(stderr) && !certificate.test(stderr);
}

/**
 * kubectl's stderr as an error of ours: PrerequisiteError for a cluster that cannot be reached (`CLUSTER_UNREACHABLE`), a
 * login that is not taken (`CLUSTER_LOGIN_REFUSED`) or a kind that the cluster does not have (`CRD_MISSING`);
 * OperationError `FORBIDDEN`, `APPLY_CONFLICT`, `NAMESPACE_MISSING`, `ALREADY_EXISTS`, `EVICTION_REFUSED`, `REFUSED`.
 */
export function kubectlFailure(
  doing: string,
  stderr: string,
  access: Pick<ClusterAccess, 'place' | 'wayIn'>,
): MlopsError {
  const why = tidy(stderr);
  const plugin = credentialPlugin.exec(stderr);
  if (plugin !== null) {
    return new PrerequisiteError(`The login of ${access.place} needs a program that did not work`, {
      code: 'CLUSTER_LOGIN_REFUSED',
      why,
      actions: [`Install ${plugin[1] ?? 'it'}, for GKE: gcloud components install gke-gcloud-auth-plugin`],
    });
  }
  if (certificate.test(stderr)) {
    return new PrerequisiteError(`The certificate of ${access.place} is not trusted`, {
      code: 'CLUSTER_UNREACHABLE',
      why,
      actions: access.wayIn,
    });
  }
  if (isConnectionFailure(stderr)) {
    return new PrerequisiteError(`${access.place} cannot be reached`, {
      code: 'CLUSTER_UNREACHABLE',
      why: `${doing}: ${why}`,
      actions: access.wayIn,
    });
  }
  if (unauthorized.test(stderr)) {
    return new PrerequisiteError(`${access.place} does not take the login`, {
      code: 'CLUSTER_LOGIN_REFUSED',
      why: `${doing}: ${why}`,
      actions: [
        'Log in again, and check that this identity has an access entry (EKS) or an IAM role (GKE) for the cluster',
      ],
    });
  }
  return refusal(doing, stderr, why, access);
}

function refusal(doing: string, stderr: string, why: string, access: Pick<ClusterAccess, 'place'>): MlopsError {
  const conflicts = parseConflicts(stderr);
  if (conflicts.length > 0) {
    const owners = conflicts.map(({ manager, field }) => `${field} belongs to ${manager}`);
    return new OperationError(`${doing}: somebody else has changed what is to be applied`, {
      code: 'APPLY_CONFLICT',
      why: `${owners.join('; ')}. Server-side apply does not overwrite the fields of another manager on its own.`,
      actions: [
        'Take them over, which undoes the change of the other: the same command with --force-conflicts',
        'Or leave them to the other: remove these fields from deploy/kubernetes',
      ],
    });
  }
  const missing = /namespaces "([^"]+)" not found/.exec(stderr)?.[1];
  if (missing !== undefined) {
    return new OperationError(`${access.place} has no namespace ${missing}`, {
      code: 'NAMESPACE_MISSING',
      why,
      actions: [
        `kubectl create namespace ${missing}`,
        'Or name another one: --namespace, deploy.namespace in mlops.yaml',
      ],
    });
  }
  if (/no matches for kind|the server doesn't have a resource type/.test(stderr)) {
    return new PrerequisiteError(`${access.place} does not know a kind that is to be applied`, {
      code: 'CRD_MISSING',
      why,
    });
  }
  if (/\(AlreadyExists\)/.test(stderr))
    return new OperationError(`${doing}: it exists already`, { code: 'ALREADY_EXISTS', why });
  if (/disruption budget/.test(stderr)) {
    return new OperationError(`${doing}: a PodDisruptionBudget does not allow it now`, {
      code: 'EVICTION_REFUSED',
      why,
      actions: ['Wait until the other pods are ready, and try again'],
    });
  }
  if (forbidden.test(stderr)) return forbiddenError(doing, stderr, why);
  return new OperationError(`${doing}: refused by ${access.place}`, { code: 'REFUSED', why });
}

function forbiddenError(doing: string, stderr: string, why: string): OperationError {
  const rule =
    /User "([^"]*)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/.exec(
      stderr,
    );
  if (rule === null) return new OperationError(`${doing}: the cluster forbids it`, { code: 'FORBIDDEN', why });
  const [, user, verb, resource, group, namespace] = rule;
  const where = namespace === undefined ? 'in the cluster' : `in the namespace ${namespace}`;
  const named = group === '' ? resource : `${resource}.${group}`;
  return new OperationError(`${doing}: ${user} may not ${verb} ${resource} ${where}`, {
    code: 'FORBIDDEN',
    why,
    actions: [
      `Ask for a Role with the verb ${verb} on ${named} and a RoleBinding to ${user}`,
      `Check with: kubectl auth can-i ${verb} ${named}${namespace === undefined ? '' : ` --namespace ${namespace}`}`,
    ],
  });
}

/** Without log prefixes, kubectl's advice on conflicts, and repetitions. */
function tidy(stderr: string): string {
  const rows = stderr.split('\n').flatMap((row) => {
    const text = row.replace(/^[EWI]\d{4} [\d:.]+\s+\d+ \S+\] /, '').trim();
    return text === '' || text.startsWith('Please review the fields above') ? [] : [text];
  });
  const unique = [...new Set(rows)];
  // The same failure once for every try of discovery, and then once in plain words.
  const plain = unique.filter((row) => !row.startsWith('"Unhandled Error"'));
  return (plain.length > 0 ? plain : unique).slice(0, 12).join('; ') || 'kubectl said nothing';
}

export function hasErrorCode(error: unknown, code: string): boolean {
  return error instanceof MlopsError && error.code === code;
}
