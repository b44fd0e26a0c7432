import type { Release } from '../target.js';
import { labels, type ServiceAddress, where } from './service.js';

/** The tag under which a revision without traffic can be asked. */
export const candidateTag = 'candidate';

/** Values of labels have at most 63 characters, and a SHA-256 has 64. */
const digestChars = 40;

export type Ingress = 'internal' | 'internal-and-cloud-load-balancing' | 'all';

export interface CloudRunSettings extends ServiceAddress {
  /** Undefined: as the release is exposed. */
  readonly ingress: Ingress | undefined;
  readonly concurrency: number;
  readonly serviceAccount: string | undefined;
}

/** Where calls may come from. */
export function ingressOf({ ingress }: CloudRunSettings, { expose }: Release): Ingress {
  return ingress ?? (expose === 'public' ? 'all' : 'internal');
}

/**
 * `gcloud run deploy`. A service that exists gets a revision without traffic, and nothing that would change the one that
 * serves. A new one takes all its traffic on the first revision whatever one asks (gcloud refuses `--no-traffic` then), so
 * it is made closed to everybody without roles/run.invoker, until the revision is promoted.
 */
export function deployArguments(
  release: Release,
  settings: CloudRunSettings,
  { isNew, parent }: { readonly isNew: boolean; readonly parent: string | undefined },
): string[] {
  const { image, port, resources, replicas } = release;
  const { service, concurrency, serviceAccount } = settings;
  return [
    'run',
    'deploy',
    service,
    `--image=${image}`,
    ...where(settings),
    `--port=${port}`,
    `--cpu=${resources.cpu}`,
    `--memory=${resources.memory}`,
    `--concurrency=${concurrency}`,
    `--min-instances=${replicas.min}`,
    `--max-instances=${replicas.max}`,
    '--execution-environment=gen2',
    // A first request to a service without instances waits for the start.
    '--cpu-boost',
    // Cloud Run sends nothing more when it says SIGTERM, and waits 10 s from then on.
    '--update-env-vars=MLOPS_DRAIN_DELAY=0s',
    `--startup-probe=httpGet.path=/readyz,httpGet.port=${port},periodSeconds=2,timeoutSeconds=1,failureThreshold=60`,
    `--liveness-probe=httpGet.path=/healthz,httpGet.port=${port},periodSeconds=10,timeoutSeconds=2,failureThreshold=3`,
    ...(serviceAccount === undefined ? [] : [`--service-account=${serviceAccount}`]),
    `--update-labels=${labelList(release, parent)}`,
    `--tag=${candidateTag}`,
    ...(isNew ? ['--no-allow-unauthenticated', `--ingress=${ingressOf(settings, release)}`] : ['--no-traffic']),
    '--quiet',
  ];
}

function labelList({ modelDigest, configDigest }: Release, parent: string | undefined): string {
  const values = [
    [labels.parent, parent ?? 'none'],
    [labels.model, shortDigest(modelDigest)],
    [labels.config, shortDigest(configDigest)],
  ];
  return values.map(([name, value]) => `${name}=${value}`).join(',');
}

export const shortDigest = (digest: string | undefined) =>
  digest === undefined ? 'unknown' : digest.replace(/^sha256:/, '').slice(0, digestChars);

/** All traffic to one revision; the candidate's tag goes, so that nothing but what serves can be called. */
export function trafficArguments(at: ServiceAddress, revisionName: string, hasTag: boolean): string[] {
  const untag = hasTag ? [`--remove-tags=${candidateTag}`] : [];
  return [
    'run',
    'services',
    'update-traffic',
    at.service,
    `--to-revisions=${revisionName}=100`,
    ...untag,
    ...where(at),
    '--quiet',
  ];
}

export function untagArguments(at: ServiceAddress): string[] {
  return ['run', 'services', 'update-traffic', at.service, `--remove-tags=${candidateTag}`, ...where(at), '--quiet'];
}

export function ingressArguments(at: ServiceAddress, ingress: Ingress): string[] {
  return ['run', 'services', 'update', at.service, `--ingress=${ingress}`, ...where(at), '--quiet'];
}

export function invokerArguments(at: ServiceAddress, action: 'add' | 'remove'): string[] {
  const binding = ['--member=allUsers', '--role=roles/run.invoker'];
  return ['run', 'services', `${action}-iam-policy-binding`, at.service, ...binding, ...where(at), '--quiet'];
}
