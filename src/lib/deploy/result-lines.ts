import { type Line, line, type Tone } from '../base/text/line.js';
import { formatDuration } from '../base/units.js';
import type { DeployResult } from './deploy.js';
import { gateText } from './gate.js';
import { goldenText } from './golden/check.js';
import { clipText } from './golden/clip.js';
import type { RollbackResult } from './rollback.js';
import type { StatusResult } from './status.js';
import type { DeployRecord } from './target.js';

export function deployLines(result: DeployResult): Line[] {
  const { outcome, revision, previous, golden, clip, gate, place, image } = result;
  if (outcome === 'dry-run') return result.diff.map((text) => line(text, toneOf(text)));
  if (outcome === 'unchanged') {
    return [line(`Nothing to change: revision ${revision} serves at ${place}`, 'good'), ...endpointLine(result)];
  }
  const before = previous === null ? 'the first' : `after revision ${previous}`;
  return [
    line(`Revision ${revision} serves at ${place} (${before})`, 'good'),
    line(`  image     ${image}`),
    ...endpointLine(result),
    ...(golden === null ? [] : [line(`  golden    ${goldenText(golden)}`)]),
    ...(clip === null ? [] : [line(`  clip      ${clipText(clip)}`)]),
    ...(gate === null ? [] : [line(`  gate      ${gateText(gate)}`)]),
    ...gapLine(result),
  ];
}

const tones: Readonly<Record<string, Tone>> = { '+': 'good', '-': 'danger', '~': 'change' };

function toneOf(text: string): Tone {
  return tones[text.trimStart().charAt(0)] ?? 'plain';
}

export function rollbackLines(result: RollbackResult): Line[] {
  const { revision, from, place } = result;
  const instead = from === null ? '' : ` instead of ${from}`;
  return [
    line(`Revision ${revision} serves at ${place}${instead}`, 'good'),
    ...endpointLine(result),
    ...gapLine(result),
  ];
}

export function statusLines(status: StatusResult): Line[] {
  const { place, name, revision, image, replicas, autoscaling, history } = status;
  if (revision === null && history.length === 0) {
    return [line(`${name} is not deployed to ${place}`), line('Next: mlops deploy', 'faint')];
  }
  const isReady = revision !== null && replicas.ready >= replicas.wanted;
  const lines = [
    line(`${name} at ${place}`, 'heading'),
    line(`  revision  ${revision ?? 'none serves'}`, isReady ? 'good' : 'danger'),
    line(`  image     ${image ?? 'none'}`),
    ...endpointLine(status),
    line(`  replicas  ${replicas.ready} of ${replicas.wanted} ready`),
  ];
  if (autoscaling !== null) {
    const { min, max, current } = autoscaling;
    lines.push(line(`  scaling   ${current} now, ${min} to ${max}`));
  }
  return history.length === 0 ? lines : [...lines, line(''), ...historyLines(history)];
}

function historyLines(history: readonly DeployRecord[]): Line[] {
  const rows = history.map(({ revision, result, deployedAt, modelDigest, image }) => [
    String(revision),
    result,
    deployedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ''),
    modelDigest?.replace(/^sha256:/, '').slice(0, 12) ?? 'unknown',
    image,
  ]);
  const table = [['revision', 'result', 'deployed (UTC)', 'model', 'image'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.flatMap((row, index) => {
    const text = `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
    if (index === 0) return [line(text, 'heading')];
    const { result, why } = history[index - 1] as DeployRecord;
    const tone = result === 'serving' ? 'good' : result === 'failed' ? 'danger' : 'plain';
    return [line(text, tone), ...(why === undefined ? [] : [line(`    ${why}`, 'faint')])];
  });
}

function endpointLine({ endpoint }: { readonly endpoint: string | null }): Line[] {
  return endpoint === null ? [] : [line(`  endpoint  ${endpoint}`)];
}

function gapLine({ gapMs }: { readonly gapMs: number | null }): Line[] {
  return gapMs === null ? [] : [line(`  gap       nothing answered for ${formatDuration(gapMs)}`, 'change')];
}
