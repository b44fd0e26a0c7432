import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import { line } from '../../base/text/line.js';
import type { FoundAlarm } from '../../platform/aws/alarm-types.js';
import type { Project } from '../../project/project.js';
import { severities } from './channels.js';
import type { AlarmsDeps } from './deps.js';
import { findAlarm } from './find.js';
import { existingAlarms, isOwned } from './ownership.js';
import { openSite, type Site } from './site.js';
import { runInOrder, type Work } from './steps.js';
import { keyDeletionDays, ownKeyAlias } from './topic/key.js';
import { chooseTopic } from './topic/topic.js';

export interface DeleteOptions {
  readonly project: Project;
  /** Empty: all of them. */
  readonly names: readonly string[];
  /** The topics as well, with their key, if mlops made them. */
  readonly topic: boolean;
  readonly dryRun: boolean;
}

export interface DeleteResult {
  readonly action: 'plan' | 'delete' | 'none';
  readonly alarms: readonly string[];
  /** ARNs of those that mlops made; none unless asked for. */
  readonly topics: readonly string[];
  /** ARN of the key that KMS deletes after its waiting time; null when there is none. */
  readonly key: string | null;
}

/**
 * Deletes alarms of the project, and with `topic` what mlops made for them. Throws UsageError for an alarm that is not ours
 * or that a composite needs, OperationError when it is not confirmed or AWS refuses.
 */
export async function deleteAlarms(options: DeleteOptions, deps: AlarmsDeps): Promise<DeleteResult> {
  const site = await openSite(options.project, deps);
  const { cloudwatch } = site.aws;
  const existing = await existingAlarms(site.name, cloudwatch);
  const chosen =
    options.names.length === 0 ? existing.owned : options.names.map((name) => findAlarm(name, existing, site.name));
  requireUnneeded(chosen, existing.owned);
  const alarms = [...chosen].sort(compositesFirst).map(({ input }) => input.AlarmName);
  const { topics, key } = options.topic ? await ownTopics(site) : { topics: [], key: null };
  const result = { alarms, topics, key };
  if (options.dryRun) return { ...result, action: 'plan' };
  const work: Work[] = alarms.map((name) => ({ title: name, run: () => cloudwatch.deleteAlarm(name) }));
  for (const topic of topics) work.push({ title: topic, run: () => site.aws.sns.deleteTopic(topic) });
  if (key !== null) work.push({ title: key, run: () => deleteKey(site, key) });
  if (work.length === 0) return { ...result, action: 'none' };
  await deps.show(work.map(({ title }) => line(`- ${title}`, 'danger')));
  if (!(await deps.confirm.yes(`Delete ${work.length === 1 ? 'this' : `these ${work.length}`}?`))) {
    throw new OperationError('Not confirmed', { code: 'NOT_CONFIRMED', why: 'Nothing was changed.' });
  }
  await runInOrder('Deleting', work, deps);
  return { ...result, action: 'delete' };
}

function compositesFirst(a: FoundAlarm, b: FoundAlarm): number {
  return Number(b.kind === 'composite') - Number(a.kind === 'composite');
}

/** CloudWatch refuses to delete what a composite names. */
function requireUnneeded(chosen: readonly FoundAlarm[], all: readonly FoundAlarm[]): void {
  const names = new Set(chosen.map(({ input }) => input.AlarmName));
  for (const alarm of all) {
    if (alarm.kind !== 'composite' || names.has(alarm.input.AlarmName)) continue;
    const needed = [...names].filter((name) => alarm.input.AlarmRule?.includes(`"${name}"`));
    if (needed.length === 0) continue;
    throw new UsageError(`${needed.join(', ')} cannot be deleted alone`, {
      code: 'ALARM_NEEDED',
      why: `The composite ${alarm.input.AlarmName} is made of it. Nothing was changed.`,
      actions: [`mlops alarms delete ${[...needed, alarm.input.AlarmName].join(' ')}`],
    });
  }
}

/** Also those of severities that mlops.yaml no longer mentions. */
async function ownTopics(site: Site): Promise<Pick<DeleteResult, 'topics' | 'key'>> {
  const topics: string[] = [];
  for (const severity of [undefined, ...severities]) {
    const { arn, owner } = chooseTopic(site, severity);
    const topic = owner === 'mlops' ? await site.aws.sns.topic(arn) : undefined;
    if (topic !== undefined && isOwned(topic.tags, site.name)) topics.push(arn);
  }
  return { topics, key: (await site.aws.kms.keyArn(ownKeyAlias(site.name))) ?? null };
}

async function deleteKey({ aws, name }: Site, key: string): Promise<void> {
  // Scheduled first: an alias that is gone would hide a key that costs.
  if ((await aws.kms.deletionDate(key)) === undefined) await aws.kms.scheduleDeletion(key, keyDeletionDays);
  await aws.kms.deleteAlias(ownKeyAlias(name));
}
