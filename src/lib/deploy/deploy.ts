import { OperationError } from '../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../base/progress/reporter.js';
import { formatCount } from '../base/units.js';
import type { LoadTestResult } from '../load-test/result.js';
import { type DeployPhase, endEarly, interruptedError, nothingChanged } from './end-early.js';
import { type Gate, requirePass } from './gate.js';
import { askReady } from './golden/ask.js';
import { checkGolden, type GoldenResult, goldenText, requireEqual } from './golden/check.js';
import { type ClipResult, checkClip, clipText, type SpeechClip } from './golden/clip.js';
import type { GoldenSet } from './golden/rows.js';
import type { Preview, Reachable, Release, RolledOut, Target, TargetKind, TargetStatus } from './target.js';

export interface DeployRequest {
  readonly release: Release;
  readonly dryRun: boolean;
  /** Undefined, and no clip: being ready is all that is checked. */
  readonly golden: GoldenSet | undefined;
  /** Of a speech model: what it has to transcribe. */
  readonly clip?: SpeechClip | undefined;
  readonly gate: Gate | undefined;
  /** Sent with every request to the service, such as an API key. */
  readonly headers: Reachable['headers'];
}

export interface DeployDeps {
  readonly target: Target;
  readonly reporter: Reporter;
  readonly stop: AbortSignal;
  /** Milliseconds between two questions to a service that does not answer yet. */
  readonly retryMs?: number;
}

export interface DeployResult {
  readonly outcome: 'deployed' | 'unchanged' | 'dry-run';
  readonly target: TargetKind;
  readonly place: string;
  readonly name: string;
  readonly image: string;
  readonly modelDigest: string | null;
  readonly configDigest: string | null;
  /** What serves now; null when nothing was ever deployed. */
  readonly revision: number | null;
  /** What served before. */
  readonly previous: number | null;
  readonly endpoint: string | null;
  /** Milliseconds without an answer while the old one was replaced; null where there is no gap by design. */
  readonly gapMs: number | null;
  readonly golden: GoldenResult | null;
  /** What a speech model did with a clip of a second. */
  readonly clip: ClipResult | null;
  readonly gate: LoadTestResult | null;
  /** What changes, as people read it: a line begins with +, - or ~ where something is new, gone or different. */
  readonly diff: readonly string[];
}

interface Progress {
  phase: DeployPhase;
  revision: number | undefined;
}

/**
 * Preview, rollout, golden predictions or a clip, gate, promotion, record. What fails on the way goes back to the revision that
 * served before: throws OperationError (rollout, golden predictions, promotion), VerdictError (gate), InvalidMeasurementError
 * (gate that could not be measured), PrerequisiteError (target or service out of reach), each saying what serves now.
 * Throws InterruptedError with what is left.
 */
export async function deploy(request: DeployRequest, deps: DeployDeps): Promise<DeployResult> {
  const { target, stop, reporter } = deps;
  const { before, preview } = await look(request, deps);
  const base = describe(request, before, preview, target);
  if (request.dryRun) return { ...base, outcome: 'dry-run' };
  if (!preview.hasChanges) return { ...base, outcome: 'unchanged' };
  const progress: Progress = { phase: 'rollout', revision: undefined };
  let checked: Checked & { promoted: RolledOut };
  try {
    checked = await rollOutAndCheck(request, progress, deps);
  } catch (error) {
    throw await endEarly(error, { ...progress, before }, { target, stop, reporter });
  }
  const { promoted, golden, clip, gate } = checked;
  await note(target, promoted.revision);
  if (stop.aborted) {
    const sentences = [`Revision ${promoted.revision} serves: the deploy was complete.`];
    throw interruptedError('promote', { sentences, actions: ['mlops status', 'mlops rollback'] });
  }
  return {
    ...base,
    outcome: 'deployed',
    revision: promoted.revision,
    endpoint: promoted.endpoint ?? null,
    gapMs: promoted.gapMs ?? null,
    golden: golden ?? null,
    clip: clip ?? null,
    gate: gate ?? null,
  };
}

async function look({ release, dryRun }: DeployRequest, { target, stop, reporter }: DeployDeps) {
  try {
    if (!dryRun) await target.hold?.(release);
    const found = await inStep(reporter, `Looking at ${target.place}`, async () => ({
      before: await target.status(),
      preview: await target.preview(release),
    }));
    stop.throwIfAborted();
    return found;
  } catch (error) {
    throw stop.aborted ? nothingChanged() : error;
  }
}

interface Checked {
  readonly golden: GoldenResult | undefined;
  readonly clip: ClipResult | undefined;
  readonly gate: LoadTestResult | undefined;
}

async function rollOutAndCheck(
  request: DeployRequest,
  progress: Progress,
  { target, reporter, stop, retryMs }: DeployDeps,
): Promise<Checked & { promoted: RolledOut }> {
  const rolledOut = await inStep(
    reporter,
    `Rolling out ${request.release.name} to ${target.place}`,
    () => target.rollOut(request.release, stop),
    ({ revision }) => `Revision ${revision} is ready`,
  );
  progress.revision = rolledOut.revision;
  stop.throwIfAborted();
  progress.phase = request.clip === undefined ? 'golden' : 'clip';
  const checked = await target.reach(
    rolledOut,
    async (way): Promise<Checked> => {
      const reachable = { ...way, headers: [...way.headers, ...request.headers] };
      const asking = { stop, ...(retryMs === undefined ? {} : { retryMs }) };
      const answers = await checkAnswers(request, reachable, asking, reporter);
      if (request.gate === undefined) return { ...answers, gate: undefined };
      progress.phase = 'gate';
      const gate = await request.gate(reachable, stop);
      stop.throwIfAborted();
      requirePass(gate, reporter);
      return { ...answers, gate };
    },
    stop,
  );
  stop.throwIfAborted();
  progress.phase = 'promote';
  const promoted = await inStep(
    reporter,
    `Letting clients in to revision ${rolledOut.revision}`,
    () => target.promote(rolledOut),
    ({ revision }) => `Revision ${revision} serves`,
  );
  return { ...checked, promoted };
}

async function checkAnswers(
  { golden, clip }: Pick<DeployRequest, 'golden' | 'clip'>,
  reachable: Reachable,
  asking: { readonly stop: AbortSignal; readonly retryMs?: number },
  reporter: Reporter,
): Promise<Omit<Checked, 'gate'>> {
  if (clip === undefined) {
    return { golden: await checkPredictions(golden, reachable, asking, reporter), clip: undefined };
  }
  const check = () => checkClip(clip, reachable, asking);
  return { golden: undefined, clip: await inStep(reporter, 'Transcribing a clip', check, clipText) };
}

async function checkPredictions(
  set: GoldenSet | undefined,
  reachable: Reachable,
  asking: { readonly stop: AbortSignal; readonly retryMs?: number },
  reporter: Reporter,
): Promise<GoldenResult | undefined> {
  if (set === undefined) {
    await inStep(reporter, 'Asking whether it is ready', () => askReady(reachable, { ...asking, isFirst: true }));
    reporter.note('No golden rows: predictions were not compared. Name some with --golden or deploy.golden.');
    return undefined;
  }
  return await inStep(
    reporter,
    `Comparing ${formatCount(set.rows.length)} golden predictions`,
    async (step) => {
      const onProgress = (asked: number) => step.update(`${formatCount(asked)} asked`);
      const result = await checkGolden(set, reachable, { ...asking, onProgress });
      requireEqual(result);
      return result;
    },
    goldenText,
  );
}

async function note(target: Target, revision: number): Promise<void> {
  try {
    await target.record(revision, 'serving');
  } catch (error) {
    throw new OperationError(`Revision ${revision} serves, but the history could not be written`, {
      code: 'HISTORY_NOT_WRITTEN',
      why: error instanceof Error ? error.message : String(error),
      actions: ['mlops status', 'mlops deploy writes it again with the next revision'],
      cause: error,
    });
  }
}

function describe(request: DeployRequest, before: TargetStatus, preview: Preview, target: Target) {
  const { name, image, modelDigest, configDigest } = request.release;
  return {
    target: target.kind,
    place: target.place,
    name,
    image,
    modelDigest: modelDigest ?? null,
    configDigest: configDigest ?? null,
    revision: before.revision ?? null,
    previous: before.revision ?? null,
    endpoint: before.endpoint ?? null,
    gapMs: null,
    golden: null,
    clip: null,
    gate: null,
    diff: preview.lines.map(({ text }) => text),
  };
}
