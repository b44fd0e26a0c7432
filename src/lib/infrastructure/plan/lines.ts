import { type Line, line, type Tone } from '../../base/text/line.js';
import type { DriftedResource, PlannedAction, PlannedChange, PlanSummary } from './summary.js';

const order: ReadonlyArray<{ action: PlannedAction; title: string; sign: string; tone: Tone }> = [
  { action: 'destroy', title: 'Destroy', sign: '-', tone: 'danger' },
  { action: 'replace', title: 'Replace', sign: '-/+', tone: 'danger' },
  { action: 'change', title: 'Change', sign: '~', tone: 'change' },
  { action: 'import', title: 'Take in', sign: '<=', tone: 'good' },
  { action: 'forget', title: 'Forget (it goes on existing)', sign: '.', tone: 'change' },
  { action: 'create', title: 'Create', sign: '+', tone: 'good' },
];

const maxAttributes = 12;

/** The plan as people read it: what is taken away first and by name, what is created by kind and number. */
export function planLines(summary: PlanSummary): Line[] {
  if (!summary.hasChanges)
    return [...driftLines(summary.drift), line('No changes: the infrastructure is as described.', 'good')];
  const lines = driftLines(summary.drift);
  for (const { action, title, sign, tone } of order) {
    const changes = summary.changes.filter((change) => change.action === action);
    if (changes.length === 0) continue;
    lines.push(line(`${title}: ${changes.length}`, 'heading'));
    if (action === 'create') lines.push(...byKind(changes).map((text) => line(`  ${sign} ${text}`, tone)));
    else lines.push(...changes.flatMap((change) => changeLines(change, sign, tone)));
    lines.push(line(''));
  }
  if (summary.outputs.length > 0) {
    const names = summary.outputs.map(({ name }) => name).join(', ');
    lines.push(line(`Outputs that change: ${names}`, 'faint'));
  }
  lines.push(line(countsText(summary), 'heading'));
  return lines;
}

/** `48 to create, 1 to change, 0 to replace, 2 to destroy` */
export function countsText({ counts }: Pick<PlanSummary, 'counts'>): string {
  const parts = [
    `${counts.create} to create`,
    `${counts.change} to change`,
    `${counts.replace} to replace`,
    `${counts.destroy} to destroy`,
  ];
  if (counts.import > 0) parts.push(`${counts.import} to take in`);
  if (counts.forget > 0) parts.push(`${counts.forget} to forget`);
  return parts.join(', ');
}

/** `aws_subnet x6 (private[0], private[1], ...)`, one line a kind. */
export function byKind(changes: ReadonlyArray<Pick<PlannedChange, 'address' | 'kind'>>): string[] {
  const kinds = new Map<string, string[]>();
  for (const { kind, address } of changes) {
    const name = address.startsWith(`${kind}.`) ? address.slice(kind.length + 1) : address;
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  }
  return [...kinds].map(([kind, names]) => {
    const count = names.length === 1 ? '' : ` x${names.length}`;
    return `${kind}${count} (${names.join(', ')})`;
  });
}

function changeLines(change: PlannedChange, sign: string, tone: Tone): Line[] {
  const forcing = change.attributes.filter(({ forcesReplacement }) => forcesReplacement);
  const why = reasonText(
    change,
    forcing.map(({ path }) => path),
  );
  const lines = [line(`  ${sign} ${change.address}${why}`, tone)];
  const shown = change.action === 'replace' ? forcing : change.attributes;
  for (const { path, before, after } of shown.slice(0, maxAttributes)) {
    lines.push(line(`      ${path}: ${before} -> ${after}`));
  }
  if (shown.length > maxAttributes) lines.push(line(`      and ${shown.length - maxAttributes} more`, 'faint'));
  return lines;
}

function reasonText({ reason, action }: PlannedChange, forcing: readonly string[]): string {
  if (forcing.length > 0) return `: ${forcing.join(', ')} cannot be changed in place`;
  if (reason === 'replace_because_tainted') return ': its creation was not finished';
  if (reason === null || action === 'change') return '';
  return ` (${reason.replace(/^(replace|delete)_/, '').replaceAll('_', ' ')})`;
}

function driftLines(drift: readonly DriftedResource[]): Line[] {
  if (drift.length === 0) return [];
  const lines = [line('Changed outside of terraform since the last run:', 'heading')];
  for (const { address, gone, attributes } of drift) {
    const what = gone
      ? 'it is gone'
      : attributes
          .map(({ path }) => path)
          .slice(0, maxAttributes)
          .join(', ');
    lines.push(line(`  ! ${address}: ${what}`, 'change'));
  }
  return [...lines, line('')];
}
