import { type Line, line, type Tone } from '../../base/text/line.js';
import type { Severity } from '../../slo/burn-rate.js';
import type { ApplyResult } from './apply.js';
import type { DeleteResult } from './delete.js';
import type { ListedAlarm, ListedTopic, ListResult } from './list.js';
import { pendingLines, planLines, skippedLines } from './plan/lines.js';
import { countChanges } from './plan/summary.js';
import type { TestResult } from './test.js';

export function applyLines(result: ApplyResult): Line[] {
  const { action, alarms, subscriptions, channels } = result;
  const all = [...subscriptions, ...channels.flatMap((channel) => channel.subscriptions)];
  const pending = [...pendingLines(all), ...skippedLines(result.skipped)];
  if (action === 'plan') return [...planLines(result), ...pending];
  if (action === 'none') return [line(`Nothing to change: ${alarms.length} alarms`, 'good'), ...pending];
  const { create, update, delete: deleted } = countChanges(result);
  const text = `Applied: ${create} created, ${update} updated, ${deleted} deleted`;
  return [...planLines(result).slice(0, -1), line(text, 'good'), ...pending];
}

const stateTones: Record<ListedAlarm['state'], Tone> = { ALARM: 'danger', INSUFFICIENT_DATA: 'change', OK: 'good' };

export function listLines({ alarms, topic, channels, region }: ListResult): Line[] {
  const heard = [...topicLines(topic), ...channels.flatMap((channel) => topicLines(channel, channel.severity))];
  if (alarms.length === 0) {
    return [line(`This project has no alarms in ${region}. mlops alarms apply makes them.`), ...heard];
  }
  const width = Math.max(...alarms.map(({ name }) => name.length));
  const lines = alarms.flatMap((alarm) => {
    const { name, state, since, notifies, reason } = alarm;
    const silent = notifies ? '' : '  (notifies through its composite)';
    const head = `${state.padEnd(17)} ${name.padEnd(width)}  since ${since?.replace(/\.\d+Z$/, 'Z') ?? 'unknown'}${silent}`;
    const first = line(head.trimEnd(), stateTones[state]);
    return state === 'OK' ? [first] : [first, line(`    ${reason}`, 'faint')];
  });
  return [...lines, ...heard];
}

function topicLines({ arn, exists, subscriptions }: ListedTopic, severity?: Severity): Line[] {
  const they = severity === undefined ? 'They publish' : `Those of severity ${severity} also publish`;
  if (!exists) return [line(`There is no topic ${arn}: nobody hears of an alarm`, 'danger')];
  if (subscriptions === null) return [line(`${they} to ${arn}, which others look after`, 'faint')];
  if (subscriptions.length === 0) return [line(`Nobody is subscribed to ${arn}`, 'change')];
  const tone = (pending: boolean) => (pending ? 'change' : 'plain');
  return [
    line(`${they} to ${arn}:`, 'faint'),
    ...subscriptions.map(({ protocol, endpoint, pending }) => {
      return line(`    ${protocol} ${endpoint}${pending ? ', not confirmed: gets nothing' : ''}`, tone(pending));
    }),
  ];
}

const outcomes: Record<TestResult['outcome'], { readonly text: string; readonly tone: Tone }> = {
  delivered: { text: 'went off, and CloudWatch published it', tone: 'good' },
  failed: { text: 'went off, and CloudWatch could not publish it', tone: 'danger' },
  unseen: { text: 'went off, and CloudWatch reported no action in time', tone: 'change' },
  silent: { text: 'went off, and has no actions: nobody was told', tone: 'change' },
};

export function testLines(result: TestResult): Line[] {
  const { text, tone } = outcomes[result.outcome];
  const lines = [line(`${result.name} ${text}. It is ${result.restored} again.`, tone)];
  lines.push(...result.actions.map(({ succeeded, message }) => line(`    ${message}`, succeeded ? 'faint' : 'danger')));
  if (result.outcome === 'silent' && result.partOf.length > 0) {
    lines.push(
      line(`    It notifies through ${result.partOf.join(', ')}: mlops alarms test ${result.partOf[0]}`, 'plain'),
    );
  }
  if (result.pending > 0) {
    lines.push(
      line(`    ${result.pending} subscriptions are not confirmed and got nothing: mlops alarms list`, 'change'),
    );
  }
  return lines;
}

export function deleteLines({ action, alarms, topics, key }: DeleteResult): Line[] {
  if (alarms.length === 0 && topics.length === 0 && key === null) return [line('There is nothing to delete', 'good')];
  const all = [...alarms, ...topics, ...(key === null ? [] : [key])];
  if (action === 'plan')
    return [...all.map((name) => line(`- ${name}`, 'danger')), line(`${all.length} to delete`, 'heading')];
  const lines = [
    line(
      `Deleted ${all.length === 1 ? all[0] : `${alarms.length} alarms${topics.length === 0 ? '' : ' and what they published to'}`}`,
      'good',
    ),
  ];
  if (key !== null)
    lines.push(line(`    KMS deletes ${key} in 7 days; until then: aws kms cancel-key-deletion`, 'faint'));
  return lines;
}
