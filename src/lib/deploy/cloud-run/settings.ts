import { parseQuantity } from '../quantities.js';
import type { Settings } from '../settings-diff.js';
import type { Release } from '../target.js';
import type { Access } from './access.js';
import { type CloudRunSettings, ingressOf, shortDigest } from './arguments.js';
import { labels, type ServiceJson, servingName } from './service.js';

/** What a release asks of the service, as people read it. */
export function releaseSettings(release: Release, settings: CloudRunSettings): Settings {
  const { image, resources, replicas, port, expose, modelDigest, configDigest } = release;
  const { concurrency, serviceAccount } = settings;
  return {
    image,
    model: shortDigest(modelDigest),
    configuration: shortDigest(configDigest),
    cpu: cores(resources.cpu),
    memory: resources.memory,
    port: String(port),
    concurrency: String(concurrency),
    instances: `${replicas.min} to ${replicas.max}`,
    callers: callers(expose === 'public'),
    ingress: ingressOf(settings, release),
    ...(serviceAccount === undefined ? {} : { 'service account': serviceAccount }),
  };
}

/** The same of the service as it is. */
export function describedSettings(
  service: ServiceJson,
  { isPublic, ingress }: Access,
  { serviceAccount }: CloudRunSettings,
): Settings {
  const { template } = service.spec ?? {};
  const container = template?.spec?.containers?.[0];
  const annotations = template?.metadata?.annotations ?? {};
  const serviceLabels = template?.metadata?.labels ?? {};
  const account = template?.spec?.serviceAccountName;
  return {
    image: container?.image ?? 'none',
    model: serviceLabels[labels.model] ?? 'unknown',
    configuration: serviceLabels[labels.config] ?? 'unknown',
    cpu: cores(container?.resources?.limits?.cpu),
    memory: container?.resources?.limits?.memory ?? 'unknown',
    port: String(container?.ports?.[0]?.containerPort ?? 'unknown'),
    concurrency: String(template?.spec?.containerConcurrency ?? 'unknown'),
    instances: `${annotations['autoscaling.knative.dev/minScale'] ?? 0} to ${annotations['autoscaling.knative.dev/maxScale'] ?? 'unknown'}`,
    callers: callers(isPublic),
    ingress,
    // Without one of ours Cloud Run takes the project's default account, and says so.
    ...(account === undefined || serviceAccount === undefined ? {} : { 'service account': account }),
    // The template may belong to a revision that failed: then there is something to deploy, whatever it says.
    ...(isLatestServing(service) ? {} : { serving: servingName(service) ?? 'nothing' }),
  };
}

/** Cloud Run answers `1000m` where it was told `1`. */
const cores = (cpu: string | undefined) => (cpu === undefined ? 'unknown' : String(parseQuantity(cpu)));

const callers = (isPublic: boolean) => (isPublic ? 'anybody' : 'only with roles/run.invoker');

function isLatestServing(service: ServiceJson): boolean {
  return servingName(service) === service.status?.latestCreatedRevisionName;
}
