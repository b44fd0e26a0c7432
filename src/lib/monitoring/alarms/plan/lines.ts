import { type Line, line, type Tone } from '../../../base/text/line.js';
import type { SubscriptionChange } from '../topic/subscriptions.js';
import type { SkippedGroup } from '../wanted.js';
import type { FieldChange } from './changes.js';
import { type Counts, countChanges, type PlanSummary } from './summary.js';

const marks: Record<string, { readonly mark: string; readonly tone: Tone }> = {
  create: { mark: '+', tone: 'good' },
  update: { mark: '~', tone: 'change' },
  delete: { mark: '-', tone: 'danger' },
  other: { mark: '?', tone: 'faint' },
};

const longestShown = 100;

/** What changes, one thing a line, and the fields of what is updated; what stays is only counted. */
export function planLines(summary: PlanSummary): Line[] {
  const { topic, subscriptions, channels, alarms } = summary;
  const lines: Line[] = [];
  const add = (action: string, text: string, fields: readonly FieldChange[] = []) => {
    const found = marks[action];
    if (found === undefined) return;
    lines.push(line(`${found.mark} ${text}`, found.tone), ...fields.map(fieldLine));
  };
  for (const channel of [{ topic, subscriptions, severity: undefined }, ...channels]) {
    const of = channel.severity === undefined ? '' : ` (${channel.severity})`;
    add(channel.topic.action, `topic ${channel.topic.arn}${of}`, channel.topic.fields);
    for (const change of channel.subscriptions) add(change.action, `${subscriptionText(change)}${of}`);
  }
  for (const { action, name, kind, fields } of alarms) {
    add(action, kind === 'composite' ? `${name} (composite)` : name, fields);
  }
  return [...lines, line(countsText(countChanges(summary)), 'heading')];
}

export function countsText(counts: Counts): string {
  const { create, update, unchanged, delete: deletions } = counts;
  return `${create} to create, ${update} to update, ${deletions} to delete, ${unchanged} unchanged`;
}

/** Subscriptions that get nothing yet, and what to do about it. */
export function pendingLines(subscriptions: readonly SubscriptionChange[]): Line[] {
  return subscriptions
    .filter(({ pending, action }) => pending && action !== 'delete')
    .map(({ protocol, endpoint }) => line(`${endpoint} (${protocol}) gets nothing until it is confirmed`, 'change'));
}

/** Alarms that are not made, why, and what to do. */
export function skippedLines(skipped: readonly SkippedGroup[]): Line[] {
  return skipped.flatMap(({ group, why, actions }) => [
    line(`Not created: ${group}. ${why}`, 'change'),
    ...actions.map((action) => line(`    Next: ${action}`, 'faint')),
  ]);
}

function subscriptionText({ action, protocol, endpoint }: SubscriptionChange): string {
  const note = action === 'other' ? ': not in mlops.yaml, left alone (--prune unsubscribes it)' : '';
  return `subscription ${protocol} ${endpoint}${note}`;
}

function fieldLine({ field, from, to }: FieldChange): Line {
  return line(`    ${field}: ${shown(from)} -> ${shown(to)}`, 'change');
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '(none)');
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}...`;
}
