import { line } from '../base/text/line.js';
import type { Preview } from './target.js';

/** What a person calls a setting -> its value. */
export type Settings = Readonly<Record<string, string>>;

/** The settings that differ, for targets whose state is a handful of them. `before` is undefined when there is nothing yet. */
export function settingsPreview(title: string, before: Settings | undefined, after: Settings): Preview {
  if (before === undefined) {
    const lines = Object.entries(after).map(([name, value]) => line(`  + ${name}: ${value}`, 'good'));
    return { hasChanges: true, lines: [line(`${title} is new`, 'heading'), ...lines] };
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => before[name] !== after[name]);
  if (changed.length === 0) return { hasChanges: false, lines: [line(`${title} is as described`, 'good')] };
  const lines = changed.map((name) => {
    return line(`  ~ ${name}: ${before[name] ?? 'none'} -> ${after[name] ?? 'none'}`, 'change');
  });
  return { hasChanges: true, lines: [line(`${title} changes`, 'heading'), ...lines] };
}
