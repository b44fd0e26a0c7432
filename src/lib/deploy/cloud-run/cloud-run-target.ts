import { MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import type { GcloudClient } from '../../platform/gcp/gcloud-client.js';
import { noSuchRevision, RolloutError } from '../errors.js';
import { type Settings, settingsPreview } from '../settings-diff.js';
import type { Reachable, Release, RolledOut, Target } from '../target.js';
import { type Access, accessOf, identityHeaders, setAccess } from './access.js';
import { type CloudRunSettings, candidateTag, deployArguments, trafficArguments } from './arguments.js';
import { leave } from './leave.js';
import {
  conditionOf,
  describeService,
  labels,
  listRevisions,
  numberIn,
  numberOf,
  type RevisionJson,
  type ServiceJson,
  servingName,
} from './service.js';
import { describedSettings, releaseSettings } from './settings.js';
import { statusOf } from './status.js';

/** What was rolled out and waits to be promoted. */
interface Pending {
  readonly revisionName: string;
  readonly release: Release;
  /** The service as it was before; undefined: there was none. */
  readonly before: ServiceJson | undefined;
  readonly access: Access;
}

/**
 * Cloud Run, through gcloud. A revision comes up without traffic under the tag `candidate`, is checked there, and gets all
 * traffic at once; going back is giving the traffic to an earlier revision. Cloud Run keeps the history: each revision has
 * a label that names the one that served before it.
 */
export function createCloudRunTarget(gcloud: GcloudClient, settings: CloudRunSettings, timeoutMs: number): Target {
  const { service } = settings;
  let pending: Pending | undefined;

  const describe = () => describeService(gcloud, settings);

  async function preview(release: Release) {
    const found = await describe();
    const wanted = releaseSettings(release, settings);
    const before: Settings | undefined =
      found && describedSettings(found, await accessOf(gcloud, settings, found), settings);
    return settingsPreview(`Cloud Run service ${service}`, before, wanted);
  }

  async function rollOut(release: Release, stop: AbortSignal): Promise<RolledOut> {
    const before = await describe();
    const parent = servingName(before);
    const args = deployArguments(release, settings, { isNew: before === undefined, parent });
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
    await gcloud.call(args, { what: `deploy ${service}`, signal }).catch(async (error: unknown) => {
      throw stop.aborted ? error : await rolloutError(error, before, signal.aborted);
    });
    const deployed = await describe();
    const revisionName = deployed?.status?.latestCreatedRevisionName;
    if (deployed === undefined || revisionName === undefined) throw noRevisionName(service);
    pending = { revisionName, release, before, access: await accessOf(gcloud, settings, deployed) };
    return { revision: await numberNamed(revisionName), endpoint: deployed.status?.url };
  }

  async function rolloutError(error: unknown, before: ServiceJson | undefined, isLate: boolean): Promise<unknown> {
    if (!(error instanceof MlopsError) || !['GCLOUD_FAILED', 'INTERRUPTED'].includes(error.code)) return error;
    const latest = (await describe().catch(() => undefined))?.status?.latestCreatedRevisionName;
    const isNew = latest !== undefined && latest !== before?.status?.latestCreatedRevisionName;
    return new RolloutError(`Cloud Run did not bring the revision up${isLate ? ' in time' : ''}`, {
      revision: isNew ? numberIn(latest) || undefined : undefined,
      why: error.why ?? 'gcloud was ended when the time was over.',
      actions: [
        ...(isLate ? ['Give it more time: --timeout'] : []),
        `gcloud run services logs read ${service} --project=${settings.project} --region=${settings.region}`,
      ],
      cause: error,
    });
  }

  async function numberNamed(revisionName: string): Promise<number> {
    const revision = (await listRevisions(gcloud, settings)).find(({ metadata }) => metadata.name === revisionName);
    return revision === undefined ? numberIn(revisionName) : numberOf(revision);
  }

  async function reach<T>(_rolledOut: RolledOut, work: (reachable: Reachable) => Promise<T>): Promise<T> {
    const found = await describe();
    const url = found?.status?.traffic?.find(({ tag }) => tag === candidateTag)?.url;
    const serviceUrl = found?.status?.url;
    if (url === undefined || serviceUrl === undefined) {
      throw new OperationError(`The new revision of ${service} has no address to be checked at`, {
        code: 'NO_CANDIDATE_URL',
        why: `Cloud Run shows no traffic tag ${candidateTag}: another deploy may have taken it away.`,
        actions: ['Deploy again when no other deploy is under way'],
      });
    }
    const headers = pending?.access.isPublic === true ? [] : await identityHeaders(gcloud, serviceUrl);
    return await work({ url, headers });
  }

  async function promote(rolledOut: RolledOut): Promise<RolledOut> {
    if (pending === undefined) throw new RangeError('only what was rolled out can be promoted');
    await giveTraffic(pending.revisionName, true);
    await setAccess(gcloud, settings, pending.release, pending.access);
    return rolledOut;
  }

  async function restore(wanted: number | undefined): Promise<RolledOut> {
    const found = await describe();
    if (found === undefined) throw noSuchRevision(wanted, { where: service, target: 'cloud-run' });
    const revisions = await listRevisions(gcloud, settings);
    const serving = servingName(found);
    const isWanted = wanted === undefined ? isParentOf(serving, revisions) : hasNumber(wanted);
    const revision = revisions.find(isWanted);
    if (revision === undefined) throw noSuchRevision(wanted, { where: service, target: 'cloud-run' });
    const { name } = revision.metadata;
    const hasTag = found.status?.traffic?.some(({ tag }) => tag === candidateTag) ?? false;
    if (serving !== name || hasTag) await giveTraffic(name, hasTag);
    return { revision: numberOf(revision), endpoint: found.status?.url };
  }

  async function giveTraffic(revisionName: string, hasTag: boolean): Promise<void> {
    await gcloud.call(trafficArguments(settings, revisionName, hasTag), {
      what: `give the traffic to ${revisionName}`,
    });
  }

  return {
    kind: 'cloud-run',
    place: `Cloud Run in ${settings.region}, project ${settings.project}`,
    preview,
    rollOut,
    reach,
    promote,
    restore,
    // Cloud Run keeps what there is to know: traffic, conditions and the labels that were given at the deploy.
    record: async () => {},
    leave: (cause) => leave(gcloud, settings, cause, pending?.before === undefined),
    status: () => statusOf(gcloud, settings),
  };
}

const hasNumber = (wanted: number) => (revision: RevisionJson) =>
  numberOf(revision) === wanted && conditionOf(revision).ready !== false;

function isParentOf(serving: string | undefined, revisions: readonly RevisionJson[]) {
  const current = revisions.find(({ metadata }) => metadata.name === serving);
  const parent = current?.metadata.labels?.[labels.parent];
  return ({ metadata }: RevisionJson) => parent !== undefined && metadata.name === parent;
}

function noRevisionName(service: string): OperationError {
  return new OperationError(`Cloud Run does not say which revision of ${service} it made`, { code: 'GCLOUD_FAILED' });
}
