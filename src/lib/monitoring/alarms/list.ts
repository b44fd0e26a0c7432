import type { StateValue } from '../../platform/aws/alarm-types.js';
import type { Project } from '../../project/project.js';
import type { Severity } from '../../slo/burn-rate.js';
import { ownChannels } from './channels.js';
import type { AlarmsDeps } from './deps.js';
import { existingAlarms } from './ownership.js';
import { openSite, type Site } from './site.js';
import { publicLabel } from './topic/subscribers.js';
import { type ChosenTopic, chooseTopic, type TopicOwner } from './topic/topic.js';

export interface ListedAlarm {
  readonly name: string;
  readonly kind: 'metric' | 'composite';
  readonly state: StateValue;
  readonly reason: string;
  /** ISO 8601; null when CloudWatch does not say. */
  readonly since: string | null;
  readonly notifies: boolean;
  readonly description: string;
}

export interface ListedTopic {
  readonly arn: string;
  readonly owner: TopicOwner;
  readonly exists: boolean;
  /** Null for a topic of others. */
  readonly subscriptions:
    | readonly { readonly protocol: string; readonly endpoint: string; readonly pending: boolean }[]
    | null;
}

export interface ListResult {
  readonly region: string;
  readonly account: string;
  readonly alarms: readonly ListedAlarm[];
  readonly topic: ListedTopic;
  /** Topics of one severity alone. */
  readonly channels: readonly (ListedTopic & { readonly severity: Severity })[];
}

const order: readonly StateValue[] = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];

/** The project's alarms, those that are on first, and who hears of them. */
export async function listAlarms(project: Project, deps: AlarmsDeps): Promise<ListResult> {
  const site = await openSite(project, deps);
  const { owned } = await existingAlarms(site.name, site.aws.cloudwatch);
  const alarms = owned.map(({ kind, input, state }) => ({
    name: input.AlarmName,
    kind,
    state: state.value,
    reason: state.reason,
    since: state.since?.toISOString() ?? null,
    notifies: input.ActionsEnabled !== false && (input.AlarmActions ?? []).length > 0,
    description: input.AlarmDescription ?? '',
  }));
  alarms.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const { region, account } = site;
  const topic = await listTopic(site, chooseTopic(site));
  const own = ownChannels(project.config.alarms);
  const channels = await Promise.all(
    own.map(async (severity) => ({ severity, ...(await listTopic(site, chooseTopic(site, severity))) })),
  );
  return { region, account, alarms, topic, channels };
}

async function listTopic(site: Site, { arn, owner }: ChosenTopic): Promise<ListedTopic> {
  const exists = (await site.aws.sns.topic(arn)) !== undefined;
  if (owner === 'others') return { arn, owner, exists, subscriptions: null };
  const found = exists ? await site.aws.sns.subscriptions(arn) : [];
  const subscriptions = found.map(({ protocol, endpoint, arn: confirmed }) => {
    return { protocol, endpoint: publicLabel(protocol, endpoint), pending: confirmed === undefined };
  });
  return { arn, owner, exists, subscriptions };
}
