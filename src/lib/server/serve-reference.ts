import type { Reporter } from '../base/progress/reporter.js';
import type { Machine } from '../platform/process/machine.js';
import type { ProjectConfig } from '../project/schema.js';
import type { HttpServeOptions } from './options.js';
import type { RunServerContext, ServingAddress } from './run-server.js';

export interface ServeReferenceOptions extends HttpServeOptions {
  /** A path or a name of the catalog; undefined is the bundled model. */
  readonly reference: string | undefined;
  /** Absolute path that relative paths start from. */
  readonly baseDir: string;
  /** Processes that predict, or threads that transcribe; undefined: 1, or as many as there are cores. */
  readonly workers: number | undefined;
  readonly limits: ProjectConfig['serve']['limits'];
}

/** What only a speech model needs. */
export interface SpeechSurroundings {
  /** Where models that were fetched are kept. */
  readonly cacheDir: string;
  /** Refuse to fetch one. */
  readonly offline: boolean;
  readonly reporter: Reporter;
  readonly machine: Machine;
  readonly tempDir: string;
}

export interface ServeReferenceContext extends Omit<RunServerContext, 'onReady'> {
  /** `text` is what a person needs to know. */
  readonly onReady: (
    address: ServingAddress & { readonly model: string; readonly text: string },
  ) => Promise<void> | void;
  readonly speech: SpeechSurroundings;
}

/** Serves whatever kind of model is meant. Throws what `serve`, `serveSpeech`, `openModel` and `ensureSpeechModel` throw. */
export async function serveReference(options: ServeReferenceOptions, context: ServeReferenceContext): Promise<void> {
  const { reference } = options;
  const { speechEntryOf } = await import('../model/catalog.js');
  if (reference !== undefined && speechEntryOf(reference) !== undefined) await speech(reference, options, context);
  else await predictions(options, context);
}

async function predictions(options: ServeReferenceOptions, context: ServeReferenceContext): Promise<void> {
  const { reference, baseDir, workers = 1, ...http } = options;
  const { openModel } = await import('../model/open.js');
  const { serve } = await import('./serve.js');
  const { readyText } = await import('./try-it.js');
  const model = await openModel(reference, { baseDir });
  const onReady = (at: ServingAddress) => context.onReady({ ...at, model: model.name, text: readyText(at, model) });
  await serve({ ...http, model, workers }, { stop: context.stop, logTarget: context.logTarget, onReady });
}

async function speech(name: string, options: ServeReferenceOptions, context: ServeReferenceContext): Promise<void> {
  const { cacheDir, offline, reporter, machine, tempDir } = context.speech;
  const { stop, logTarget } = context;
  const { ensureSpeechModel } = await import('../model/pull.js');
  const { createSpeechEngine } = await import('../speech/engine.js');
  const { serveSpeech } = await import('./transcription/serve.js');
  const { defaultThreads } = await import('../speech/default-threads.js');
  const { thresholdWarnings } = await import('../slo/lint.js');
  const { speechReadyText } = await import('./try-it.js');
  const { timeoutMs } = options.limits.audio;
  for (const warning of thresholdWarnings(options.slos, { isSpeech: true, timeoutMs })) reporter.warn(warning);
  const model = await ensureSpeechModel(name, { cacheDir, offline, reporter, signal: stop });
  const threads = options.workers ?? defaultThreads(machine);
  const onReady = (at: ServingAddress) => context.onReady({ ...at, model: name, text: speechReadyText(at, model) });
  await serveSpeech(
    { ...options, model, limits: options.limits.audio, tempDir },
    { stop, logTarget, onReady, createEngine: (one) => createSpeechEngine(one, { threads }) },
  );
}
