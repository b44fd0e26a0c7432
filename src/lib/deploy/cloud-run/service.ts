import type { GcloudClient } from '../../platform/gcp/gcloud-client.js';

/** Which service where. */
export interface ServiceAddress {
  readonly service: string;
  readonly project: string;
  readonly region: string;
}

/** What we read of the Knative Service that `gcloud run services describe --format=json` prints. */
export interface ServiceJson {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly template?: TemplateJson };
  readonly status?: {
    readonly url?: string;
    readonly latestCreatedRevisionName?: string;
    readonly traffic?: readonly TrafficJson[];
  };
}

export interface TrafficJson {
  readonly revisionName?: string;
  readonly percent?: number;
  readonly tag?: string;
  readonly url?: string;
}

interface TemplateJson {
  readonly metadata?: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: PodJson;
}

interface PodJson {
  readonly containerConcurrency?: number;
  readonly serviceAccountName?: string;
  readonly containers?: readonly {
    readonly image?: string;
    readonly ports?: readonly { readonly containerPort?: number }[];
    readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  }[];
}

export interface RevisionJson {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: PodJson;
  readonly status?: {
    readonly conditions?: readonly { readonly type?: string; readonly status?: string; readonly message?: string }[];
  };
}

export const labels = {
  /** Name of the revision that served when this one was deployed. */
  parent: 'mlops-parent',
  model: 'mlops-model',
  config: 'mlops-config',
} as const;

export const where = ({ project, region }: ServiceAddress) => [`--project=${project}`, `--region=${region}`];

/** Undefined when there is no such service. */
export async function describeService(gcloud: GcloudClient, at: ServiceAddress): Promise<ServiceJson | undefined> {
  return await gcloud.json<ServiceJson>(['run', 'services', 'describe', at.service, ...where(at)], {
    what: `look at the Cloud Run service ${at.service}`,
    allow: /Cannot find service/,
  });
}

/** Newest first, more than the ten that are shown, because some of them may never have served. */
export async function listRevisions(gcloud: GcloudClient, at: ServiceAddress): Promise<readonly RevisionJson[]> {
  const order = ['--sort-by=~metadata.creationTimestamp', '--limit=30'];
  return await gcloud.json<RevisionJson[]>(
    ['run', 'revisions', 'list', `--service=${at.service}`, ...where(at), ...order],
    {
      what: `list the revisions of ${at.service}`,
    },
  );
}

/**
 * The number of a revision: Cloud Run counts the generations of the configuration, and names revisions by it
 * (`flight-delay-00012-abc`).
 */
export function numberOf({ metadata }: RevisionJson): number {
  const counted = Number(metadata.labels?.['serving.knative.dev/configurationGeneration']);
  if (Number.isInteger(counted) && counted > 0) return counted;
  return numberIn(metadata.name);
}

export function numberIn(revisionName: string): number {
  return Number(/-(\d{5,})-[a-z0-9]+$/.exec(revisionName)?.[1] ?? 0);
}

/** The revision with all or most of the traffic. */
export function servingName(service: ServiceJson | undefined): string | undefined {
  const shares = (service?.status?.traffic ?? []).filter(({ percent }) => (percent ?? 0) > 0);
  return shares.toSorted((a, b) => (b.percent ?? 0) - (a.percent ?? 0))[0]?.revisionName;
}

export function conditionOf({ status }: RevisionJson): { ready: boolean | undefined; message: string | undefined } {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    ready: condition?.status === 'True' ? true : condition?.status === 'False' ? false : undefined,
    message: condition?.message,
  };
}
