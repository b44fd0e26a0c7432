import { isDeepStrictEqual } from 'node:util';
import { OperationError, UsageError } from '../../../base/errors/mlops-error.js';
import { textOutput } from '../../../project/provisioned.js';
import type { Severity } from '../../../slo/burn-rate.js';
import { isOwned, ownerTags } from '../ownership.js';
import type { FieldChange } from '../plan/changes.js';
import type { Site } from '../site.js';
import { findKey, makeKey } from './key.js';
import { topicPolicy } from './policies.js';

/** Who looks after the topic: its encryption and its policy are theirs. */
export type TopicOwner = 'terraform' | 'mlops' | 'others';

export interface TopicPlan {
  readonly arn: string;
  readonly name: string;
  readonly owner: TopicOwner;
  readonly action: 'use' | 'create' | 'update' | 'unchanged';
  readonly fields: readonly FieldChange[];
}

/** What has to happen so that a topic is as it should be. Throws UsageError `TOPIC_MISSING` or `TOPIC_NOT_OURS`. */
export async function planTopic(site: Site, { arn, owner, setting }: ChosenTopic): Promise<TopicPlan> {
  const name = arn.replace(/^.*:/, '');
  const found = await site.aws.sns.topic(arn);
  if (owner !== 'mlops') {
    if (found === undefined) throw missing(arn, owner, setting);
    return { arn, name, owner, action: 'use', fields: [] };
  }
  if (found === undefined) return { arn, name, owner, action: 'create', fields: [] };
  if (!isOwned(found.tags, site.name)) throw notOurs(arn, setting);
  const fields: FieldChange[] = [];
  const policy: unknown = JSON.parse(topicPolicy(site, arn));
  const before: unknown = JSON.parse(found.policy);
  if (!isDeepStrictEqual(before, policy)) fields.push({ field: 'Policy', from: before, to: policy });
  const from = found.key === undefined ? undefined : ((await site.aws.kms.keyArn(found.key)) ?? found.key);
  const to = (await findKey(site)) ?? from ?? 'a new key';
  if (from !== to) fields.push({ field: 'KmsMasterKeyId', from, to });
  return { arn, name, owner, action: fields.length === 0 ? 'unchanged' : 'update', fields };
}

/** Makes or corrects a topic of our own. */
export async function applyTopic(site: Site, plan: TopicPlan): Promise<void> {
  if (plan.action === 'use' || plan.action === 'unchanged') return;
  const { sns } = site.aws;
  const policy = topicPolicy(site, plan.arn);
  const key = (await findKey(site)) ?? (await makeKey(site));
  if (plan.action === 'update') {
    await sns.setTopic(plan.arn, { key, policy });
    return;
  }
  const made = await sns.createTopic(plan.name, { key, policy, tags: ownerTags(site.name) });
  if (made !== plan.arn) {
    throw new OperationError(`SNS made ${made} instead of ${plan.arn}`, {
      code: 'TOPIC_ELSEWHERE',
      why: 'The region or the account of the credentials is not the one that was asked for.',
    });
  }
}

export interface ChosenTopic {
  readonly arn: string;
  readonly owner: TopicOwner;
  /** The key of mlops.yaml that decides. */
  readonly setting: string;
}

/**
 * Which topic alarms publish to, all of them or those of one severity, without asking anybody: the one that mlops.yaml names
 * by ARN, else, for all, the one that Terraform made, else one of our own.
 */
export function chooseTopic(site: Site, severity?: Severity): ChosenTopic {
  const { project, outputs, name, partition, region, account } = site;
  const { alarms } = project.config;
  const own = (topic: string) => `arn:${partition}:sns:${region}:${account}:${topic}`;
  if (severity !== undefined) {
    const setting = `alarms.${severity}.topic`;
    const named = alarms?.[severity]?.topic ?? `${name}-alarms-${severity}`;
    return named.startsWith('arn:')
      ? { arn: named, owner: 'others', setting }
      : { arn: own(named), owner: 'mlops', setting };
  }
  const setting = 'alarms.topic';
  const named = alarms?.topic;
  const provisioned = textOutput(outputs, 'alarm_topic_arn');
  const isProvisioned =
    provisioned !== undefined && (named === undefined || named === provisioned || provisioned.endsWith(`:${named}`));
  if (isProvisioned) return { arn: provisioned, owner: 'terraform', setting };
  if (named?.startsWith('arn:')) return { arn: named, owner: 'others', setting };
  return { arn: own(named ?? `${name}-alarms`), owner: 'mlops', setting };
}

function missing(arn: string, owner: TopicOwner, setting: string): UsageError {
  const isTerraform = owner === 'terraform';
  return new UsageError(`There is no SNS topic ${arn}`, {
    code: 'TOPIC_MISSING',
    why: `${isTerraform ? 'infra/aws/outputs.json' : `${setting} of mlops.yaml`} names it.`,
    actions: isTerraform
      ? ['mlops provision makes it again', 'mlops provision --outputs writes the outputs anew']
      : [`Correct ${setting}, or leave it out: mlops makes a topic then`],
  });
}

function notOurs(arn: string, setting: string): UsageError {
  return new UsageError('A topic of this name is there already, and mlops did not make it', {
    code: 'TOPIC_NOT_OURS',
    why: `${arn} has no tags of mlops. Nothing was changed.`,
    actions: [
      `To publish to it as it is, write its ARN into mlops.yaml: ${setting} = ${arn}`,
      `Or choose another name in ${setting}`,
    ],
  });
}
