import { describe, expect, test } from 'vitest';
import { parseConflicts } from '../../../../src/lib/platform/kubernetes/conflicts.js';
import { isConnectionFailure, kubectlFailure } from '../../../../src/lib/platform/kubernetes/failure.js';

const access = { place: 'EKS cluster demo', wayIn: ['open the tunnel'] };
const failure = (stderr: string) => kubectlFailure('Applying', stderr, access);

describe('conflicts', () => {
  test('one, in every form that the API server writes', () => {
    const one = (rest: string) =>
      parseConflicts(`error: Apply failed with 1 conflict: conflict with ${rest}\nPlease review the fields above`);
    const field = '.spec.template.spec.containers[name="web"].image';
    expect(one(`"kubectl" using apps/v1: ${field}`)).toEqual([{ manager: 'kubectl', field }]);
    expect(one('"kubectl" with subresource "scale" using apps/v1: .spec.replicas')).toEqual([
      { manager: 'kubectl', field: '.spec.replicas' },
    ]);
    expect(one('"kubectl" using apps/v1 at 2026-11-21T20:44:00Z: .spec.replicas')).toEqual([
      { manager: 'kubectl', field: '.spec.replicas' },
    ]);
    expect(one('"argo:cd": .metadata.labels.a')).toEqual([{ manager: 'argo:cd', field: '.metadata.labels.a' }]);
  });

  test('several, of several managers', () => {
    const text = `error: Apply failed with 3 conflicts: conflicts with "helm" using apps/v1:
- .spec.a
- .spec.b
conflicts with "kubectl-edit" using apps/v1:
- .spec.c
Please review the fields above--they currently have other managers.`;
    expect(parseConflicts(text)).toEqual([
      { manager: 'helm', field: '.spec.a' },
      { manager: 'helm', field: '.spec.b' },
      { manager: 'kubectl-edit', field: '.spec.c' },
    ]);
    expect(failure(text).why).toContain('.spec.c belongs to kubectl-edit');
  });
});

describe('what kubectl says', () => {
  test.each([
    ['Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout', 'CLUSTER_UNREACHABLE', 5],
    [
      'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
      'CLUSTER_UNREACHABLE',
      5,
    ],
    ['Unable to connect to the server: net/http: TLS handshake timeout', 'CLUSTER_UNREACHABLE', 5],
    ['tls: failed to verify certificate: x509: certificate is valid for a, not b', 'CLUSTER_UNREACHABLE', 5],
    ['error: You must be logged in to the server (Unauthorized)', 'CLUSTER_LOGIN_REFUSED', 5],
    [
      'Unable to connect to the server: getting credentials: exec: executable gke-gcloud-auth-plugin not found',
      'CLUSTER_LOGIN_REFUSED',
      5,
    ],
    [
      'error: resource mapping not found for name: "a": no matches for kind "ScaledObject" in version "keda.sh/v1alpha1"',
      'CRD_MISSING',
      5,
    ],
    ['Error from server (NotFound): namespaces "prod" not found', 'NAMESPACE_MISSING', 1],
    ['Error from server (AlreadyExists): error when creating "STDIN": secrets "a" already exists', 'ALREADY_EXISTS', 1],
    [
      "Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's disruption budget.",
      'EVICTION_REFUSED',
      1,
    ],
    ['Error from server (Forbidden): pods "a" is forbidden: exceeded quota: q', 'FORBIDDEN', 1],
    ['The Deployment "a" is invalid: spec.replicas: Invalid value: -1', 'REFUSED', 1],
  ])('%s', (stderr, code, exitCode) => {
    expect(failure(stderr)).toMatchObject({ code, exitCode });
  });

  test('a missing permission names the verb, the resource and who', () => {
    const stderr =
      'Error from server (Forbidden): deployments.apps "a" is forbidden: User "jane" cannot patch resource "deployments" in API group "apps" in the namespace "prod"';
    expect(failure(stderr).actions).toEqual([
      'Ask for a Role with the verb patch on deployments.apps and a RoleBinding to jane',
      'Check with: kubectl auth can-i patch deployments.apps --namespace prod',
    ]);
  });

  test('discovery that failed five times is said once', () => {
    const row = (at: string) =>
      `E1121 23:24:36.${at}   24055 memcache.go:265] "Unhandled Error" err="couldn't get current server API group list: dial tcp 127.0.0.1:8080: connect: connection refused"`;
    const last = 'The connection to the server localhost:8080 was refused - did you specify the right host or port?';
    expect(failure([row('1'), row('2'), last].join('\n')).why).toBe(`Applying: ${last}`);
  });

  test('only a connection that failed is worth another try', () => {
    expect(isConnectionFailure('Unable to connect to the server: EOF')).toBe(true);
    expect(isConnectionFailure('Unable to connect to the server: x509: certificate signed by unknown authority')).toBe(
      false,
    );
    expect(isConnectionFailure('Error from server (Forbidden): no')).toBe(false);
  });
});
