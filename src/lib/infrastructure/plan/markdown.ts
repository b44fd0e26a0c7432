import { byKind, countsText } from './lines.js';
import { endangered, type PlannedChange, type PlanSummary } from './summary.js';

/** GitHub cuts a comment at 65,536 characters; the rest is for what the reader puts around it. */
const maxCharacters = 60_000;

/** The plan as Markdown, for a comment on a pull request. */
export function planMarkdown(summary: PlanSummary, context: { name: string; cloud: string }): string {
  const { counts, drift } = summary;
  const lines = [`### Infrastructure plan: ${context.name} on ${context.cloud}`, ''];
  if (!summary.hasChanges) lines.push('No changes: the infrastructure is as described.', '');
  else {
    lines.push('| create | change | replace | destroy |', '| ---: | ---: | ---: | ---: |');
    lines.push(`| ${counts.create} | ${counts.change} | ${counts.replace} | ${counts.destroy} |`, '');
  }
  const danger = endangered(summary);
  if (danger.length > 0) {
    lines.push('> [!CAUTION]', '> Taken away:', ...danger.map((change) => `> - ${changeText(change)}`), '');
  }
  const changed = summary.changes.filter(({ action }) => action === 'change');
  for (const change of changed) {
    lines.push(`- ${changeText(change)}`);
    for (const { path, before, after } of change.attributes) {
      lines.push(`  - ${code(path)}: ${code(before)} &rarr; ${code(after)}`);
    }
  }
  if (changed.length > 0) lines.push('');
  const created = summary.changes.filter(({ action }) => action === 'create');
  if (created.length > 0) {
    lines.push(`<details><summary>${created.length} to create</summary>`, '');
    lines.push(...byKind(created).map((text) => `- ${code(text)}`), '', '</details>', '');
  }
  if (drift.length > 0) {
    lines.push('Changed outside of terraform since the last run:', '');
    lines.push(...drift.map(({ address, gone }) => `- ${code(address)}${gone ? ' is gone' : ''}`), '');
  }
  const text = lines.join('\n');
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters)}\n\n(cut: ${countsText(summary)})\n`;
}

function changeText({ action, address, attributes }: PlannedChange): string {
  const forcing = attributes.filter(({ forcesReplacement }) => forcesReplacement).map(({ path }) => code(path));
  return `${action} ${code(address)}${forcing.length === 0 ? '' : ` because of ${forcing.join(', ')}`}`;
}

/** Inline code that holds anything: the fence is longer than every run of backticks inside. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text.replaceAll('\n', ' ')}${pad}${fence}`;
}
