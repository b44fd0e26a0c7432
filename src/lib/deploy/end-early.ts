import {
  InterruptedError,
  InvalidMeasurementError,
  MlopsError,
  OperationError,
  PrerequisiteError,
  VerdictError,
} from '../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../base/progress/reporter.js';
import { RolloutError } from './errors.js';
import type { LeftBehind, RolledOut, Target, TargetStatus } from './target.js';

export type DeployPhase = 'rollout' | 'golden' | 'clip' | 'gate' | 'promote' | 'restore';

const phaseWords: Record<DeployPhase, string> = {
  rollout: 'during the rollout',
  golden: 'during the golden predictions',
  clip: 'while a clip was transcribed',
  gate: 'during the gate',
  promote: 'while clients were let in',
  restore: 'while going back',
};

export interface FailedAt {
  readonly phase: DeployPhase;
  /** The revision that failed, once the target has counted it. */
  readonly revision: number | undefined;
  readonly before: TargetStatus;
}

export interface EndDeps {
  readonly target: Target;
  readonly reporter: Reporter;
  readonly stop: AbortSignal;
}

/**
 * What to do about a deploy that cannot go on, and the error to end with: an interrupt leaves things as they are and
 * says so; a failure goes back to the revision that served before; the first deploy of all has none.
 */
export async function endEarly(error: unknown, at: FailedAt, deps: EndDeps): Promise<unknown> {
  const revision = at.revision ?? (error instanceof RolloutError ? error.revision : undefined);
  const failed = { ...at, revision };
  if (deps.stop.aborted) return await interrupted(error, failed, deps);
  if (at.before.revision === undefined) return await firstFailed(error, failed, deps);
  return await goBack(error, failed, at.before.revision, deps);
}

async function interrupted(error: unknown, at: FailedAt, deps: EndDeps): Promise<unknown> {
  await note(at, `interrupted ${phaseWords[at.phase]}`, deps);
  const left = await leftBehind('interrupted', deps);
  const isOurs = error instanceof MlopsError && !(error instanceof InterruptedError);
  return interruptedError(at.phase, left, isOurs ? error : undefined);
}

async function firstFailed(error: unknown, at: FailedAt, deps: EndDeps): Promise<unknown> {
  await note(at, oneLine(error), deps);
  const left = await leftBehind('failed', deps);
  return withOutcome(error, ['There is no earlier revision to go back to.', ...left.sentences], left.actions);
}

async function goBack(error: unknown, at: FailedAt, to: number, deps: EndDeps): Promise<unknown> {
  const { target, reporter, stop } = deps;
  reporter.warn(`${messageOf(error)}: going back to revision ${to}`);
  let restored: RolledOut;
  try {
    restored = await inStep(
      reporter,
      `Going back to revision ${to}`,
      () => target.restore(to, stop),
      ({ revision }) => `Revision ${revision} serves`,
    );
  } catch (second) {
    if (stop.aborted) return await interrupted(error, { ...at, phase: 'restore' }, deps);
    await note(at, oneLine(error), deps);
    return bothFailed(error, second, to);
  }
  await note(at, oneLine(error), deps);
  await target.record(restored.revision, 'serving').catch((cause: unknown) => reporter.warn(oneLine(cause)));
  const gap = restored.gapMs === undefined ? '' : ` Nothing answered for ${Math.round(restored.gapMs)} ms.`;
  return withOutcome(error, [`Revision ${restored.revision} serves, as before.${gap}`], ['mlops status']);
}

function bothFailed(first: unknown, second: unknown, to: number): OperationError {
  const why = [
    `First: ${fullText(first)}`,
    `Then, going back to revision ${to}: ${fullText(second)}`,
    'What serves now is not known.',
  ];
  const further = [first, second].flatMap((error) => (error instanceof MlopsError ? error.actions : []));
  return new OperationError('The deploy failed, and so did going back', {
    code: 'RESTORE_FAILED',
    why: why.join('\n'),
    actions: [...new Set(['mlops status', `mlops rollback --to ${to}`, ...further])],
    cause: first,
  });
}

/** An interrupt with what it leaves; `error` is what went wrong besides, before or because of it. */
export function interruptedError(phase: DeployPhase, left: LeftBehind, error?: MlopsError): InterruptedError {
  const besides = error === undefined ? [] : [fullText(error)];
  return new InterruptedError(`Interrupted ${phaseWords[phase]}`, {
    why: [...left.sentences, ...besides].join('\n'),
    actions: left.actions,
  });
}

export function nothingChanged(): InterruptedError {
  return new InterruptedError('Interrupted before anything was changed', { actions: ['Run the command again'] });
}

async function note({ revision }: FailedAt, why: string, { target, reporter }: EndDeps): Promise<void> {
  if (revision === undefined) return;
  try {
    await target.record(revision, 'failed', why);
  } catch (error) {
    reporter.warn(`The history could not be written: ${oneLine(error)}`);
  }
}

async function leftBehind(cause: 'interrupted' | 'failed', { target }: EndDeps): Promise<LeftBehind> {
  try {
    return await target.leave(cause);
  } catch (error) {
    const sentences = [`What is left at ${target.place} could not be found out: ${oneLine(error)}`];
    return { sentences, actions: ['mlops status'] };
  }
}

/** The same kind of error with the same code, which also says how things stand now. A bug stays a bug. */
function withOutcome(error: unknown, sentences: readonly string[], actions: readonly string[]): unknown {
  if (!(error instanceof MlopsError)) {
    if (error instanceof Error) error.message = `${error.message} (${sentences.join(' ')})`;
    return error;
  }
  const ErrorClass = [VerdictError, InvalidMeasurementError, PrerequisiteError].find((kind) => error instanceof kind);
  return new (ErrorClass ?? OperationError)(error.message, {
    code: error.code,
    why: [...(error.why === undefined ? [] : [error.why]), ...sentences].join('\n'),
    actions: [...new Set([...error.actions, ...actions])],
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fullText(error: unknown): string {
  const why = error instanceof MlopsError && error.why !== undefined ? `. ${error.why}` : '';
  return `${messageOf(error)}${why}`;
}

/** For the history: what happened and the first line of why. */
function oneLine(error: unknown): string {
  return fullText(error).split('\n', 1)[0]?.slice(0, 300) ?? '';
}
