import { type Line, line } from '../base/text/line.js';
import type { DestroyResult } from './destroy/destroy.js';
import { type Outputs, outputTexts } from './outputs.js';
import { planLines } from './plan/lines.js';
import type { ProvisionResult } from './provision.js';

/** What a provision did, for a person. */
export function provisionLines(result: ProvisionResult): Line[] {
  if (result.action === 'plan') return planLines(result.plan);
  const { applied, outputs, next } = result;
  const lines =
    applied === null
      ? [line('No changes: the infrastructure is as described.', 'good')]
      : [line(`Done: ${applied.created} created, ${applied.changed} changed, ${applied.destroyed} destroyed.`, 'good')];
  const values = outputs === null ? [] : outputLines(outputs);
  if (values.length > 0) lines.push(line(''), ...values);
  if (next.length > 0) lines.push(line(''), line('Next:', 'heading'), ...next.map((step) => line(`  ${step}`)));
  return lines;
}

/** `name = value`, one a line. */
export function outputLines(outputs: Outputs): Line[] {
  return outputTexts(outputs).map((text) => line(text));
}

/** What a destroy did or would do, and what it left. */
export function destroyLines(result: DestroyResult): Line[] {
  const { action, destroyed, kubernetesMade, deletedData, kept, leftovers } = result;
  const isPlan = action === 'destroy-plan';
  const lines = [line(`${isPlan ? 'Would destroy' : 'Destroyed'}: ${destroyed.length}`, 'heading')];
  if (isPlan) lines.push(...destroyed.map((address) => line(`  - ${address}`, 'danger')));
  if (kubernetesMade.length > 0) {
    lines.push(line(`${isPlan ? 'Would delete' : 'Deleted'}, made by Kubernetes: ${kubernetesMade.length}`, 'heading'));
    lines.push(...kubernetesMade.map(({ kind, id }) => line(`  - ${kind} ${id}`, isPlan ? 'danger' : 'plain')));
  }
  if (deletedData !== null) {
    lines.push(line(`Deleted: ${deletedData.objects} object versions in bucket ${deletedData.bucket}`, 'heading'));
  }
  if (kept.length > 0) {
    lines.push(line(isPlan ? 'Would keep' : 'Kept', 'heading'));
    lines.push(...kept.map(({ kind, arn, why }) => line(`  = ${kind} ${arn} (${why})`, 'good')));
    lines.push(...kept.flatMap((item) => givingUp(item, kept)).map((text) => line(`    ${text}`, 'faint')));
  }
  return isPlan ? lines : [...lines, ...leftoverLines(leftovers, result.cloud)];
}

/** How to get rid of what is kept, for the day when nobody wants it any more. */
function givingUp({ kind, name, arn }: DestroyResult['kept'][number], kept: DestroyResult['kept']): string[] {
  if (kind === 'bucket') return [`to delete it too: mlops provision --destroy --delete-data ${name}`];
  const isNeeded = kept.some((other) => other.kind !== 'key');
  return kind === 'key' && !isNeeded
    ? [`nothing kept needs the key now: aws kms schedule-key-deletion --key-id ${arn}`]
    : [];
}

function leftoverLines(leftovers: DestroyResult['leftovers'], cloud: 'aws' | 'gcp'): Line[] {
  if (cloud !== 'aws' || leftovers === null) return [];
  const { left, pending } = leftovers;
  const lines = pending.map(({ arn, date }) => line(`  ${arn}: AWS deletes it on ${date}`, 'faint'));
  if (left.length === 0) return [...lines, line('Nothing else with the tag of this project is left.', 'good')];
  return [
    ...lines,
    line(`Left over, with the tag of this project: ${left.length}`, 'heading'),
    ...left.map((arn) => line(`  ! ${arn}`, 'danger')),
    // Terraform does not know them, and they stay behind with a topic and a key that costs.
    ...(left.some((arn) => /:cloudwatch:[^:]*:\d+:alarm:/.test(arn))
      ? [line('  What mlops alarms made goes with: mlops alarms delete --topic', 'change')]
      : []),
  ];
}
