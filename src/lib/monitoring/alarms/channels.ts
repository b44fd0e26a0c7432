import { UsageError } from '../../base/errors/mlops-error.js';
import type { AlarmsConfig } from '../../project/schema-alarms.js';
import type { SecretSources } from '../../secrets/resolve.js';
import type { Severity } from '../../slo/burn-rate.js';
import type { Site } from './site.js';
import { readSubscribers } from './topic/subscribers.js';
import { planSubscriptions, type SubscriptionPlan } from './topic/subscriptions.js';
import { chooseTopic, planTopic, type TopicPlan } from './topic/topic.js';

export const severities: readonly Severity[] = ['page', 'ticket'];

/** A topic and who hears of it: of every alarm, or of those of one severity. */
export interface Channel {
  readonly severity: Severity | undefined;
  readonly topic: TopicPlan;
  readonly subscriptions: SubscriptionPlan;
}

/** Severities that mlops.yaml gives a topic of their own. */
export function ownChannels(alarms: AlarmsConfig | undefined): Severity[] {
  return severities.filter((severity) => alarms?.[severity] !== undefined);
}

/**
 * The channels of a project, the one of all alarms first. Throws as `readSubscribers`, `planTopic` and `planSubscriptions`
 * do, and UsageError `TOPIC_TWICE`.
 */
export async function planChannels(
  site: Site,
  options: { readonly prune: boolean; readonly sources: SecretSources },
): Promise<readonly [Channel, ...Channel[]]> {
  const { alarms } = site.project.config;
  refuseSharedTopics(site);
  const all = await planChannel(site, undefined, options);
  const own: Channel[] = [];
  for (const severity of ownChannels(alarms)) own.push(await planChannel(site, severity, options));
  return [all, ...own];
}

/** Each of two channels with one topic would take the subscribers of the other for strangers, and be told of all alarms. */
function refuseSharedTopics(site: Site): void {
  const settings = new Map<string, string>();
  for (const severity of [undefined, ...ownChannels(site.project.config.alarms)]) {
    const { arn, setting } = chooseTopic(site, severity);
    const other = settings.get(arn);
    if (other !== undefined) {
      throw new UsageError(`${other} and ${setting} are the same topic`, {
        code: 'TOPIC_TWICE',
        why: `Both are ${arn}: whoever is subscribed there hears of every alarm. Nothing was changed.`,
        actions: [`Choose another name in ${setting}, or leave it out: mlops makes a topic then`],
      });
    }
    settings.set(arn, setting);
  }
}

async function planChannel(
  site: Site,
  severity: Severity | undefined,
  { prune, sources }: { readonly prune: boolean; readonly sources: SecretSources },
): Promise<Channel> {
  const { alarms } = site.project.config;
  const { subscribe = [] } = (severity === undefined ? alarms : alarms?.[severity]) ?? {};
  const subscribers = await readSubscribers(subscribe, sources);
  const topic = await planTopic(site, chooseTopic(site, severity));
  const isThere = topic.action !== 'create' && topic.owner !== 'others';
  const known = isThere ? await site.aws.sns.subscriptions(topic.arn) : [];
  return { severity, topic, subscriptions: planSubscriptions(topic, subscribers, known, { prune }) };
}

/** Where alarms publish to, for `withActions`. */
export function topicsOf([all, ...own]: readonly [Channel, ...Channel[]]) {
  const bySeverity = Object.fromEntries(own.map(({ severity, topic }) => [severity, topic.arn]));
  return { ...(bySeverity as Partial<Record<Severity, string>>), all: all.topic.arn };
}
