import type { GcloudClient } from '../../platform/gcp/gcloud-client.js';
import type { DeployRecord, RevisionResult, TargetStatus } from '../target.js';
import {
  conditionOf,
  describeService,
  labels,
  listRevisions,
  numberOf,
  type RevisionJson,
  type ServiceAddress,
  servingName,
} from './service.js';

const shown = 10;

/** What serves, and the revisions that Cloud Run keeps. */
export async function statusOf(gcloud: GcloudClient, at: ServiceAddress): Promise<TargetStatus> {
  const service = await describeService(gcloud, at);
  if (service === undefined) {
    return {
      image: undefined,
      revision: undefined,
      endpoint: undefined,
      replicas: { ready: 0, wanted: 0 },
      history: [],
    };
  }
  const revisions = await listRevisions(gcloud, at);
  const serving = revisions.find(({ metadata }) => metadata.name === servingName(service));
  const served = ancestorsOf(serving, revisions);
  const min = Number(serving?.metadata.annotations?.['autoscaling.knative.dev/minScale'] ?? 0);
  return {
    image: serving?.spec?.containers?.[0]?.image,
    revision: serving === undefined ? undefined : numberOf(serving),
    endpoint: service.status?.url,
    // How many instances run is a metric, not part of the service; what is always kept is known.
    replicas: { ready: serving !== undefined && conditionOf(serving).ready === true ? min : 0, wanted: min },
    history: revisions.slice(0, shown).map((revision) => recordOf(revision, serving, served)),
  };
}

/** The revisions that served before `serving`, by the labels that they were deployed with. */
export function ancestorsOf(serving: RevisionJson | undefined, revisions: readonly RevisionJson[]): Set<string> {
  const served = new Set<string>();
  let current = serving;
  while (current !== undefined) {
    const parent: string | undefined = current.metadata.labels?.[labels.parent];
    if (parent === undefined || served.has(parent)) break;
    current = revisions.find(({ metadata }) => metadata.name === parent);
    if (current !== undefined) served.add(parent);
  }
  return served;
}

function recordOf(
  revision: RevisionJson,
  serving: RevisionJson | undefined,
  served: ReadonlySet<string>,
): DeployRecord {
  const { metadata, spec } = revision;
  const { ready, message } = conditionOf(revision);
  const result: RevisionResult =
    revision === serving
      ? 'serving'
      : ready === false
        ? 'failed'
        : served.has(metadata.name)
          ? 'replaced'
          : 'rolled-back';
  const why = result === 'failed' ? message?.split('\n', 1)[0] : undefined;
  return {
    revision: numberOf(revision),
    image: spec?.containers?.[0]?.image ?? 'unknown',
    modelDigest: known(metadata.labels?.[labels.model]),
    configDigest: known(metadata.labels?.[labels.config]),
    deployedAt: metadata.creationTimestamp ?? '',
    result,
    ...(why === undefined ? {} : { why }),
  };
}

const known = (value: string | undefined) => (value === 'unknown' ? undefined : value);
