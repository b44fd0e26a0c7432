import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../base/units.js';
import type { ContainerDetails, Docker } from '../../platform/docker/types.js';
import { RolloutError } from '../errors.js';
import { urlOf } from './spec.js';

const pollMs = 50;
const askMs = 1_000;
const logLines = 15;

export interface ReadyOptions {
  readonly container: string;
  readonly revision: number;
  /** Undefined when none is published: a container that has ended already has none. */
  readonly port: number | undefined;
  readonly memory: string;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}

/**
 * Waits until `/readyz` answers 200 on a port of this machine. Throws RolloutError in words: the container ended (with the
 * last lines that it wrote), the kernel ended it for memory, or it was not ready in time.
 */
export async function waitUntilReady(docker: Docker, options: ReadyOptions): Promise<void> {
  const { container, port, timeoutMs, stop } = options;
  const deadline = performance.now() + timeoutMs;
  let last = 'nothing answered';
  for (;;) {
    stop.throwIfAborted();
    const asked = await askReadyz(port, stop);
    if (asked === undefined) return;
    last = asked;
    const details = await docker.inspectContainer(container);
    if (details === undefined || details.state === 'exited' || details.state === 'dead') {
      throw await ended(docker, details, options);
    }
    if (performance.now() > deadline) throw await late(docker, last, options);
    await sleep(pollMs, undefined, { signal: stop });
  }
}

/** Undefined when it is ready, else why not. */
async function askReadyz(port: number | undefined, stop: AbortSignal): Promise<string | undefined> {
  if (port === undefined) return 'it publishes no port';
  try {
    const answer = await fetch(`${urlOf(port)}/readyz`, {
      signal: AbortSignal.any([stop, AbortSignal.timeout(askMs)]),
    });
    await answer.arrayBuffer();
    return answer.status === 200 ? undefined : `/readyz answers ${answer.status}`;
  } catch {
    return 'nothing answered on /readyz';
  }
}

async function ended(docker: Docker, details: ContainerDetails | undefined, options: ReadyOptions) {
  const { container, revision, memory } = options;
  const how =
    details === undefined
      ? 'somebody removed it'
      : details.outOfMemory
        ? `it was killed for memory: the limit is ${memory}`
        : `it ended with exit code ${details.exitCode}`;
  return new RolloutError(`The container of revision ${revision} did not start`, {
    revision,
    why: [`${container}: ${how}.`, ...(await logTail(docker, container))].join('\n'),
    actions: details?.outOfMemory === true ? ['Raise deploy.resources.memory in mlops.yaml'] : ['mlops build'],
  });
}

async function late(docker: Docker, last: string, { container, revision, timeoutMs }: ReadyOptions) {
  return new RolloutError(`The container of revision ${revision} is not ready after ${formatDuration(timeoutMs)}`, {
    revision,
    why: [`${container}: ${last}.`, ...(await logTail(docker, container))].join('\n'),
    actions: ['Give it more time: --timeout'],
  });
}

async function logTail(docker: Docker, container: string): Promise<string[]> {
  const text = await docker.logs(container, logLines).catch(() => '');
  return text.trim() === '' ? ['It wrote nothing.'] : ['It wrote:', ...text.trim().split('\n')];
}
