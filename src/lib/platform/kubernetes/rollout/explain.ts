import type { Kubectl } from '../kubectl.js';
import type { RolloutState } from './state.js';
import type { Trouble } from './trouble.js';

const logLines = 8;

interface Event {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
}

/** Why a rollout is not getting ready, in sentences: the worst trouble of each kind, with the last words of a program. */
export async function explainRollout(kubectl: Kubectl, states: readonly RolloutState[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { ready, wanted, troubles, pods, deployment } of states.filter(({ done }) => !done)) {
    lines.push(`${deployment}: ${ready} of ${wanted} ready`);
    const kinds = new Map<string, Trouble[]>();
    for (const trouble of troubles) kinds.set(trouble.kind, [...(kinds.get(trouble.kind) ?? []), trouble]);
    for (const [first, ...others] of kinds.values()) {
      if (first === undefined) continue;
      const more = others.length === 0 ? '' : ` (and ${others.length} more pods the same)`;
      lines.push(`${first.pod ?? 'New pods'}: ${first.text}${more}`);
      if (first.kind === 'crash' && first.pod !== undefined) lines.push(...(await lastWords(kubectl, first)));
    }
    if (troubles.length > 0) continue;
    const waiting = pods.find((pod) =>
      pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status !== 'True'),
    );
    if (waiting !== undefined) lines.push(...(await warnings(kubectl, waiting.metadata.name)));
  }
  return lines;
}

async function lastWords(kubectl: Kubectl, { pod = '', container = '' }: Trouble): Promise<string[]> {
  const args = ['logs', pod, '--container', container, `--tail=${logLines}`];
  for (const previous of [['--previous'], []]) {
    const { exitCode, stdout } = await kubectl.run([...args, ...previous]);
    if (exitCode === 0 && stdout.trim() !== '') return [`its last words: ${stdout.trim().split('\n').join(' | ')}`];
  }
  return [];
}

/** The warnings of a pod that is started but not ready: failing probes first of all. */
async function warnings(kubectl: Kubectl, pod: string): Promise<string[]> {
  const selector = `involvedObject.kind=Pod,involvedObject.name=${pod}`;
  const { exitCode, stdout } = await kubectl.run(['get', 'events', '--field-selector', selector, '-o', 'json']);
  if (exitCode !== 0) return [];
  const events = (JSON.parse(stdout) as { items: Event[] }).items.filter(({ type }) => type === 'Warning');
  events.sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''));
  const texts = events.map(({ reason, message = '' }) =>
    reason === 'Unhealthy' ? probeWords(message) : `${reason}: ${message}`,
  );
  return [...new Set(texts)].slice(-3).map((text) => `${pod}: ${text}`);
}

/** `Readiness probe failed: HTTP probe failed with statuscode: 503` */
function probeWords(message: string): string {
  const match = /^(\w+) probe (failed|errored)(?: and resulted in error)?: (.*)/s.exec(message);
  return match === null ? message : `its ${match[1]?.toLowerCase()} probe fails: ${match[3]?.trim()}`;
}
