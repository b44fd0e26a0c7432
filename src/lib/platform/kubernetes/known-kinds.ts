import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { Kubectl } from './kubectl.js';
import { type KubernetesObject, nameOf } from './objects.js';

/** How to install what brings these API groups. */
const installers: Readonly<Record<string, string>> = {
  'keda.sh': 'helm install keda keda --repo https://kedacore.github.io/charts --namespace keda --create-namespace',
  'autoscaling.k8s.io':
    'helm install vpa vpa --repo https://charts.fairwinds.com/stable --namespace vpa --create-namespace --set updater.enabled=false --set admissionController.enabled=false',
  'monitoring.coreos.com':
    'helm install monitoring kube-prometheus-stack --repo https://prometheus-community.github.io/helm-charts --namespace monitoring --create-namespace',
};

/** Throws PrerequisiteError `CRD_MISSING` for objects whose API the cluster does not serve, found by discovery. */
export async function requireKnownKinds(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<void> {
  const text = await kubectl.text('Asking which APIs the cluster has', ['api-versions'], { retries: 2 });
  const served = new Set(text.split('\n').map((row) => row.trim()));
  const unknown = objects.filter(({ apiVersion }) => !served.has(apiVersion));
  if (unknown.length === 0) return;
  const groups = [...new Set(unknown.map(({ apiVersion }) => apiVersion.split('/')[0] ?? ''))];
  const others = groups.filter((group) => installers[group] === undefined);
  const names = unknown.map((object) => `${nameOf(object)} (${object.apiVersion})`).join(', ');
  throw new PrerequisiteError(`${kubectl.access.place} does not have the APIs that the manifests use`, {
    code: 'CRD_MISSING',
    why: `Unknown there: ${names}. Nothing was changed.`,
    actions: [
      ...groups.flatMap((group) => installers[group] ?? []),
      ...others.map(
        (group) => `Install what brings the API group ${group}, or use a version of it that the cluster serves`,
      ),
      'Or take the component out of deploy/kubernetes/overlay/kustomization.yaml',
    ],
  });
}
