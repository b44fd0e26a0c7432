import type { Reporter } from '../base/progress/reporter.js';

/** What a handler knows of its run beside the event. */
export interface RunContext {
  readonly requestId: string;
  /** When Lambda ends the run, in milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly reporter: Reporter;
  /** Aborted when there is nothing left to be done but to answer: the process is stopping. */
  readonly signal: AbortSignal;
}

/** One function: an event in, its response out. What it throws is the run's error. */
export type Handler = (event: unknown, context: RunContext) => Promise<unknown>;

/** By the command of the image, which is how Lambda says which function it wants. */
export const handlerNames = ['transcribe', 'load'] as const;
export type HandlerName = (typeof handlerNames)[number];

/** An abort at `deadlineMs - reserveMs`, and when the process stops. Call `clear` when the work has ended. */
export function untilDeadline(
  { deadlineMs, signal }: Pick<RunContext, 'deadlineMs' | 'signal'>,
  reserveMs: number,
  now: () => number,
): { readonly signal: AbortSignal; clear(): void } {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), Math.max(0, deadlineMs - reserveMs - now()));
  return { signal: AbortSignal.any([signal, ending.signal]), clear: () => clearTimeout(timer) };
}
