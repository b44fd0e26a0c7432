import { shownText } from '../shown-text.js';
import { essentialColumns, recordColumns } from '../table.js';

const mostShown = 200;

/** Why rows under these names of columns are no records; undefined when they may be some. Columns not ours may have any name. */
export function whyBadHeader(names: readonly string[]): string | undefined {
  const lacking = essentialColumns.filter((name) => !names.includes(name));
  if (lacking.length > 0)
    return `It has no column ${lacking.join(', ')}; it has ${shownText(names.join(', '), mostShown)}.`;
  const doubled = recordColumns.find(({ name }) => names.indexOf(name) !== names.lastIndexOf(name));
  return doubled && `It has the column ${doubled.name} twice.`;
}
