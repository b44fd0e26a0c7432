import type { GcloudClient } from '../../platform/gcp/gcloud-client.js';
import type { LeftBehind } from '../target.js';
import { type CloudRunSettings, candidateTag, untagArguments } from './arguments.js';
import { describeService, servingName, where } from './service.js';

/** Takes the candidate's tag away, and says who gets the traffic. A service is never deleted for anybody. */
export async function leave(
  gcloud: GcloudClient,
  settings: CloudRunSettings,
  cause: 'interrupted' | 'failed',
  isFirst: boolean,
): Promise<LeftBehind> {
  const { service } = settings;
  const again = cause === 'interrupted' ? ['mlops deploy --target cloud-run starts again'] : [];
  const found = await describeService(gcloud, settings);
  if (found === undefined) {
    const sentences = [`There is no service ${service}.`];
    return cause === 'failed'
      ? { sentences, actions: again }
      : {
          sentences: [...sentences, 'Cloud Run may still make it: gcloud had asked.'],
          actions: ['mlops status --target cloud-run', ...again],
        };
  }
  const hasTag = found.status?.traffic?.some(({ tag }) => tag === candidateTag) ?? false;
  const serving = servingName(found);
  const latest = found.status?.latestCreatedRevisionName;
  if (isFirst && (serving === undefined || serving === latest)) {
    return {
      sentences: [
        `The service ${service} exists with its first revision, closed to everybody without roles/run.invoker: it was not opened.`,
      ],
      actions: [...again, `gcloud run services delete ${service} ${where(settings).join(' ')} takes it away`],
    };
  }
  if (hasTag) await gcloud.call(untagArguments(settings), { what: `take the tag ${candidateTag} away` });
  const idle = latest === undefined || latest === serving ? [] : [`Revision ${latest} gets no traffic.`];
  return {
    sentences: [`Revision ${serving ?? 'none'} serves, as before.`, ...idle],
    actions: [...again, 'mlops status --target cloud-run'],
  };
}
