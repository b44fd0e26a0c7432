import type { SpeechModel } from '../../model/speech-model.js';
import type { SpeechEngine } from '../../speech/types.js';
import { startHttpInstance } from '../http-instance.js';
import { Lifecycle } from '../lifecycle.js';
import type { ServerLog } from '../log.js';
import { createTranscriptionMetrics } from '../metrics/transcription-metrics.js';
import { type AudioLimits, type HttpServeOptions, uploadTimeouts } from '../options.js';
import { type RunningServer, type RunServerContext, runServer } from '../run-server.js';
import { buildTranscriptionApp } from './app.js';
import { Places } from './places.js';
import { UploadStorage } from './upload-storage.js';

/** What it takes to serve a speech model. */
export interface ServeSpeechOptions extends HttpServeOptions {
  readonly model: SpeechModel;
  readonly limits: AudioLimits;
  /** Folder for temporary files: recordings are in it until they are answered. */
  readonly tempDir: string;
}

export interface ServeSpeechContext extends RunServerContext {
  /** Loads the model. Its threads are what scales: all are in this process, and so is what they count. */
  readonly createEngine: (model: SpeechModel) => Promise<SpeechEngine>;
}

/**
 * Serves a speech model until `stop` aborts, and resolves when every recording that was accepted is answered.
 * Throws what `createEngine` and `listen` throw, and UsageError `PORTS_EQUAL`.
 */
export async function serveSpeech(options: ServeSpeechOptions, context: ServeSpeechContext): Promise<void> {
  const { name, version, digest } = options.model;
  const starting = { model: name, version, digest };
  const start = (log: ServerLog) => startSpeechInstance(options, { log, createEngine: context.createEngine });
  await runServer({ options, starting, start }, context);
}

/** Loads the model, then listens: a port that is open has a model behind it. */
async function startSpeechInstance(
  options: ServeSpeechOptions,
  { log, createEngine }: Pick<ServeSpeechContext, 'createEngine'> & { readonly log: ServerLog },
): Promise<RunningServer> {
  const { model, limits, slos } = options;
  const storage = await UploadStorage.create(options.tempDir, limits.storageBytes);
  const engine = await createEngine(model).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  const metrics = await createTranscriptionMetrics({ model, slos, process: true });
  const scrape = () => metrics.registry.metrics();
  const lifecycle = new Lifecycle();
  const app = await buildTranscriptionApp({
    engine,
    version: model.version,
    places: new Places(engine.threads, limits.queue),
    storage,
    metrics,
    lifecycle,
    log,
    limits,
    timeouts: uploadTimeouts,
    scrape: options.metricsPort === undefined ? scrape : undefined,
    loadedAt: Date.now(),
  });
  const close = async () => {
    await engine.close();
    await storage.close();
  };
  const instance = await startHttpInstance(app, options, { log, lifecycle, close });
  return { ...instance, scrape };
}
