import { OperationError } from '../../base/errors/mlops-error.js';
import { inStep } from '../../base/progress/reporter.js';
import type { AlarmHistoryItem, FoundAlarm, StateValue } from '../../platform/aws/alarm-types.js';
import type { CloudWatch } from '../../platform/aws/cloudwatch.js';
import type { Project } from '../../project/project.js';
import type { AlarmsDeps } from './deps.js';
import { findAlarm } from './find.js';
import { existingAlarms, ownerTags } from './ownership.js';
import { putInput } from './plan/comparable.js';
import { openSite, type Site } from './site.js';

export interface TestOptions {
  readonly project: Project;
  /** With or without the project's name before it. */
  readonly name: string;
  /** How long to wait for CloudWatch to say what its actions did, in ms. */
  readonly timeoutMs: number;
}

export interface TestedAction {
  readonly succeeded: boolean;
  /** What CloudWatch wrote into the alarm's history. */
  readonly message: string;
}

export interface TestResult {
  readonly name: string;
  readonly kind: 'metric' | 'composite';
  /** `delivered`: every action was done. `failed`: one was not. `unseen`: CloudWatch said nothing in time. `silent`: the alarm has no actions. */
  readonly outcome: 'delivered' | 'failed' | 'unseen' | 'silent';
  readonly actions: readonly TestedAction[];
  /** The state that it was put back into. */
  readonly restored: StateValue;
  /** Composites that this alarm is part of: the ones that notify. */
  readonly partOf: readonly string[];
  /** Subscriptions that are not confirmed: they got nothing. */
  readonly pending: number;
}

const pollMs = 1_000;

/**
 * Sets an alarm to ALARM as if it had gone off, waits for what CloudWatch reports of its actions, and sets it back, whatever
 * happens in between. Throws UsageError for an alarm that is not ours, OperationError `ALARM_IS_ON` for one that is on.
 *
 * A metric alarm would return by itself at its next evaluation. A composite returns only when one of its children changes
 * or its configuration is written again (CloudWatch API Reference, SetAlarmState), so both is done here.
 */
export async function testAlarm(options: TestOptions, deps: AlarmsDeps): Promise<TestResult> {
  const site = await openSite(options.project, deps);
  const { cloudwatch } = site.aws;
  const existing = await existingAlarms(site.name, cloudwatch);
  const alarm = findAlarm(options.name, existing, site.name);
  const name = alarm.input.AlarmName;
  if (alarm.state.value === 'ALARM') throw isOn(alarm);
  const targets = alarm.input.ActionsEnabled === false ? [] : (alarm.input.AlarmActions ?? []);
  const items = await inStep(deps.reporter, `Testing ${name}`, (step) => {
    step.update('set to ALARM');
    return ring(alarm, targets.length, site, options.timeoutMs, deps);
  });
  const actions = items.map(({ summary }) => ({ succeeded: /^Successfully /i.test(summary), message: summary }));
  return {
    name,
    kind: alarm.kind,
    outcome: outcomeOf(actions, targets.length),
    actions,
    restored: alarm.state.value,
    partOf: existing.owned.filter(names(name)).map(({ input }) => input.AlarmName),
    pending: await countPending(targets, site),
  };
}

async function ring(
  alarm: FoundAlarm,
  expected: number,
  site: Site,
  timeoutMs: number,
  deps: AlarmsDeps,
): Promise<AlarmHistoryItem[]> {
  const { cloudwatch } = site.aws;
  const name = alarm.input.AlarmName;
  const begun = deps.now();
  // The clocks of this machine and of CloudWatch may differ: what the history had before is not of this test.
  const before = new Set((await actionsSince(cloudwatch, name, begun)).map(keyOf));
  try {
    await cloudwatch.setAlarmState(name, 'ALARM', 'Test by mlops alarms test: nothing is wrong');
    let items: AlarmHistoryItem[] = [];
    while (expected > 0 && items.length < expected && deps.now() - begun < timeoutMs && !deps.stop.aborted) {
      items = (await actionsSince(cloudwatch, name, begun)).filter((item) => !before.has(keyOf(item)));
      if (items.length < expected) await deps.sleep(pollMs, deps.stop).catch(() => {});
    }
    return items;
  } finally {
    await cloudwatch.setAlarmState(name, alarm.state.value, 'Test by mlops alarms test is over');
    const put = putInput(alarm);
    if (put.kind === 'composite') await cloudwatch.putCompositeAlarm(put.input, ownerTags(site.name));
  }
}

const clockSkewMs = 120_000;

async function actionsSince(cloudwatch: CloudWatch, name: string, ms: number): Promise<AlarmHistoryItem[]> {
  const items = await cloudwatch.alarmHistory(name, new Date(ms - clockSkewMs));
  return items.filter(({ type }) => type === 'Action');
}

function keyOf({ at, summary }: AlarmHistoryItem): string {
  return `${at.getTime()} ${summary}`;
}

function outcomeOf(actions: readonly TestedAction[], expected: number): TestResult['outcome'] {
  if (expected === 0) return 'silent';
  if (actions.some(({ succeeded }) => !succeeded)) return 'failed';
  return actions.length < expected ? 'unseen' : 'delivered';
}

function names(name: string) {
  return ({ kind, input }: FoundAlarm) =>
    kind === 'composite' && 'AlarmRule' in input && (input.AlarmRule?.includes(`"${name}"`) ?? false);
}

async function countPending(targets: readonly string[], { aws, account }: Site): Promise<number> {
  const topics = targets.filter((arn) => /^arn:[^:]+:sns:/.test(arn) && arn.includes(`:${account}:`));
  const found = await Promise.all(topics.map((arn) => aws.sns.subscriptions(arn)));
  return found.flat().filter(({ arn }) => arn === undefined).length;
}

function isOn({ input, state }: FoundAlarm): OperationError {
  return new OperationError(`${input.AlarmName} is in ALARM: this is no test`, {
    code: 'ALARM_IS_ON',
    why: `Since ${state.since?.toISOString() ?? 'some time'}: ${state.reason}`,
    actions: ['mlops alarms list', 'Test another one, or wait until it is OK'],
  });
}
