import { formatSize } from '../base/units.js';
import { type CopySummary, describeLoad } from './copy-sources.js';
import type { FixedSources } from './sources/fix-sources.js';
import { objectName } from './sources/list.js';

/** A load per line, and what was left out. */
export function loadLines({ loads, skipped }: CopySummary): readonly string[] {
  if (loads.length === 0) return ['Nothing to load', ...skippedLines({ skipped })];
  return [...loads.map(describeLoad), ...skippedLines({ skipped })];
}

/** What would be loaded: a load per format, with its id and its files. */
export function manifestLines({ lists, skipped }: FixedSources): readonly string[] {
  const loads = lists.flatMap(({ format, digest, objects, bytes }) => [
    `Load ${digest}: ${objects.length} of ${format}, ${formatSize(bytes)}`,
    ...objects.map((object) => `  ${objectName(object)}  ${formatSize(object.bytes)}`),
  ]);
  return loads.length === 0
    ? ['Nothing to load', ...skippedLines({ skipped })]
    : [...loads, ...skippedLines({ skipped })];
}

function skippedLines({ skipped }: Pick<CopySummary, 'skipped'>): string[] {
  return skipped.map(({ source, reason }) => `Skipped ${source}: ${reason}`);
}
