import { OperationError } from '../../base/errors/mlops-error.js';
import { inStep } from '../../base/progress/reporter.js';
import type { Project } from '../../project/project.js';
import { type Channel, planChannels, topicsOf } from './channels.js';
import type { AlarmsDeps } from './deps.js';
import { gatherFacts } from './facts.js';
import { existingAlarms, ownerTags } from './ownership.js';
import { type AlarmChange, planAlarms } from './plan/changes.js';
import { putInput } from './plan/comparable.js';
import { planLines } from './plan/lines.js';
import { countChanges, type PlanSummary, summarize } from './plan/summary.js';
import { openSite, type Site } from './site.js';
import { runInOrder, type Work } from './steps.js';
import { applySubscription } from './topic/subscriptions.js';
import { applyTopic } from './topic/topic.js';
import { type SkippedGroup, wantedAlarms, withActions } from './wanted.js';

export interface ApplyOptions {
  readonly project: Project;
  readonly dryRun: boolean;
  /** Unsubscribe whom mlops.yaml does not name. */
  readonly prune: boolean;
}

export interface ApplyResult extends PlanSummary {
  /** `plan`: a dry run. `none`: everything was as it should be. */
  readonly action: 'plan' | 'apply' | 'none';
  readonly region: string;
  readonly account: string;
  readonly skipped: readonly SkippedGroup[];
}

interface Plan {
  readonly channels: readonly [Channel, ...Channel[]];
  readonly alarms: readonly AlarmChange[];
  readonly skipped: readonly SkippedGroup[];
}

/**
 * Brings topic, subscriptions and alarms to what mlops.yaml says, asking only before something is deleted. What a run that
 * failed half-way has done is found by the next one, which does the rest.
 *
 * Throws UsageError for what is wrong in mlops.yaml or belongs to somebody else (nothing is changed then), PrerequisiteError
 * without credentials or a secret, OperationError for what AWS refuses, InterruptedError with what was done.
 */
export async function applyAlarms(options: ApplyOptions, deps: AlarmsDeps): Promise<ApplyResult> {
  const site = await openSite(options.project, deps);
  const plan = await inStep(deps.reporter, 'Reading what exists', () => makePlan(site, options, deps));
  const summary = summarize(plan);
  const { region, account } = site;
  const result = { ...summary, region, account, skipped: plan.skipped };
  if (options.dryRun) return { ...result, action: 'plan' };
  if (!summary.hasChanges) return { ...result, action: 'none' };
  await confirmDeletions(summary, deps);
  await runInOrder('Applying', workOf(site, plan), deps);
  return { ...result, action: 'apply' };
}

async function makePlan(site: Site, { project, prune }: ApplyOptions, deps: AlarmsDeps): Promise<Plan> {
  const existing = await existingAlarms(site.name, site.aws.cloudwatch);
  const wanted = wantedAlarms(project.config, await gatherFacts(site, existing));
  const sources = { env: deps.env, baseDir: project.dir };
  const channels = await planChannels(site, { prune, sources });
  const alarms = planAlarms(withActions(wanted.alarms, topicsOf(channels)), existing, site.name);
  return { channels, alarms, skipped: wanted.skipped };
}

async function confirmDeletions(summary: PlanSummary, deps: AlarmsDeps): Promise<void> {
  const { delete: count } = countChanges(summary);
  if (count === 0) return;
  await deps.show(planLines(summary));
  if (await deps.confirm.yes(`Apply this? ${count === 1 ? 'One thing is' : `${count} things are`} deleted.`)) return;
  throw new OperationError('Not confirmed', { code: 'NOT_CONFIRMED', why: 'Nothing was changed.' });
}

/** Alarms name the topic, composites name alarms: each comes after what it names. */
function workOf(site: Site, { channels, alarms }: Plan): Work[] {
  const { cloudwatch, sns } = site.aws;
  const work: Work[] = [];
  for (const { topic, subscriptions } of channels) {
    if (topic.action === 'create' || topic.action === 'update') {
      work.push({ title: `topic ${topic.name}`, run: () => applyTopic(site, topic) });
    }
    for (const planned of subscriptions) {
      const { action, endpoint } = planned.change;
      if (action !== 'create' && action !== 'delete') continue;
      work.push({ title: `subscription ${endpoint}`, run: () => applySubscription(topic.arn, planned, sns) });
    }
  }
  for (const change of alarms) {
    if (change.action === 'unchanged') continue;
    work.push({ title: change.name, run: () => applyChange(change, site.name, cloudwatch) });
  }
  return work;
}

async function applyChange(change: AlarmChange, project: string, cloudwatch: Site['aws']['cloudwatch']): Promise<void> {
  if (change.action === 'delete') {
    await cloudwatch.deleteAlarm(change.name);
    return;
  }
  const { kind, input } = putInput(change.alarm);
  if (kind === 'metric') await cloudwatch.putMetricAlarm(input, ownerTags(project));
  else await cloudwatch.putCompositeAlarm(input, ownerTags(project));
}
