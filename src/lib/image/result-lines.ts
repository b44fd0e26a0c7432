import { type Line, line } from '../base/text/line.js';
import { formatDuration, formatSize } from '../base/units.js';
import type { BuiltImage } from './build.js';
import type { ContextResult } from './eject.js';
import type { PushResult } from './push.js';

/** What a build made, and where it was pushed to, for a person. */
export function buildLines(built: BuiltImage, pushed: PushResult | null): Line[] {
  const { context, scan, build } = built.durationMs;
  const lines = [
    line(`Built ${built.image}`, 'good'),
    ...rows([
      ['Image ID', built.imageId],
      ['Platform', `${built.platform}, on ${built.base}`],
      ['Time', `${formatDuration(context + scan + build)} (building ${formatDuration(build)})`],
    ]),
    line(''),
    ...sizeTable([
      ...built.layers.map(({ name, bytes }) => [name, bytes] as const),
      ['all', built.sizeBytes],
      ['on top of the base', built.addedBytes],
    ]),
  ];
  return pushed === null ? lines : [...lines, line(''), ...pushLines(pushed)];
}

export function pushLines(pushed: PushResult): Line[] {
  return [
    line(pushed.alreadyThere ? `${pushed.image} was there already` : `Pushed ${pushed.image}`, 'good'),
    ...rows([
      ['Digest', pushed.digest],
      ['Reference', pushed.reference],
    ]),
  ];
}

/** What is in a build context, for `--dry-run` and `--eject`. */
export function contextLines(context: ContextResult): Line[] {
  const { ejected, command, layers } = context;
  const lines = [
    line(ejected === null ? 'Would build' : `Wrote Dockerfile and build context to ${ejected}`, 'heading'),
    line(`  for ${context.platform}, on ${context.base}`),
    line(''),
    ...sizeTable([
      ...layers.map(({ name, bytes }) => [name, bytes] as const),
      ['on top of the base', context.addedBytes],
    ]),
  ];
  if (command !== null) return [...lines, line(''), line(`Build it: ${command.map(shellWord).join(' ')}`)];
  const files = layers.flatMap((layer) => layer.files.map(({ path, bytes }) => [path, bytes] as const));
  return [...lines, line(''), ...sizeTable(files)];
}

/** An argument as a POSIX shell takes it from a line that is pasted. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function rows(pairs: readonly (readonly [string, string])[]): Line[] {
  const width = Math.max(...pairs.map(([label]) => label.length)) + 2;
  return pairs.map(([label, text]) => line(`${label.padEnd(width)}${text}`));
}

function sizeTable(sizes: readonly (readonly [name: string, bytes: number])[]): Line[] {
  const width = Math.max(...sizes.map(([name]) => name.length)) + 2;
  return sizes.map(([name, bytes]) => line(`  ${name.padEnd(width)}${formatSize(bytes).padStart(10)}`));
}
