import type { Json, JsonObject } from './fields.js';

/** What becomes of a pod, read from its specification as a real cluster would meet it. */
export type Fate =
  | { readonly kind: 'ready'; readonly afterMs: number }
  | { readonly kind: 'never-ready'; readonly probe: string; readonly path: string }
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'unschedulable' }
  | { readonly kind: 'crash'; readonly exitCode: number; readonly log: string; readonly reason: 'Error' | 'OOMKilled' };

const served = new Set(['/readyz', '/healthz', undefined]);
const readyMs = 150;
const biggestNodeCpu = 64;

export function fateOf(spec: JsonObject): Fate {
  const [container] = spec.containers as [JsonObject];
  const image = String(container.image);
  if (cpuOf(container) > biggestNodeCpu) return { kind: 'unschedulable' };
  if (/^[^/]+\.invalid\//.test(image)) return { kind: 'image', image };
  const command = ((container.command ?? []) as string[]).join(' ');
  if (command.includes('tail /dev/zero')) return { kind: 'crash', exitCode: 137, log: '', reason: 'OOMKilled' };
  const exit = /exit (\d+)/.exec(command)?.[1];
  if (exit !== undefined) {
    return {
      kind: 'crash',
      exitCode: Number(exit),
      log: /echo '?([^';]+)/.exec(command)?.[1]?.trim() ?? '',
      reason: 'Error',
    };
  }
  for (const probe of ['startupProbe', 'readinessProbe'] as const) {
    const path = probePath(container[probe]);
    if (!served.has(path))
      return { kind: 'never-ready', probe: probe === 'startupProbe' ? 'Startup' : 'Readiness', path: path ?? '' };
  }
  const delay = (container.startupProbe as JsonObject | undefined)?.initialDelaySeconds;
  return { kind: 'ready', afterMs: readyMs + Number(delay ?? 0) * 1000 };
}

function probePath(probe: Json | undefined): string | undefined {
  return ((probe as JsonObject | undefined)?.httpGet as JsonObject | undefined)?.path as string | undefined;
}

function cpuOf(container: JsonObject): number {
  const text = String(
    ((container.resources as JsonObject | undefined)?.requests as JsonObject | undefined)?.cpu ?? '0',
  );
  return text.endsWith('m') ? Number.parseFloat(text) / 1000 : Number(text);
}
