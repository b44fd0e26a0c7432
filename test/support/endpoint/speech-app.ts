import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { Lifecycle } from '../../../src/lib/server/lifecycle.js';
import { listen } from '../../../src/lib/server/listen.js';
import { createServerLog } from '../../../src/lib/server/log.js';
import { createTranscriptionMetrics } from '../../../src/lib/server/metrics/transcription-metrics.js';
import { type AudioLimits, type HttpTimeouts, uploadTimeouts } from '../../../src/lib/server/options.js';
import { buildTranscriptionApp } from '../../../src/lib/server/transcription/app.js';
import { Places } from '../../../src/lib/server/transcription/places.js';
import { UploadStorage } from '../../../src/lib/server/transcription/upload-storage.js';
import { defaultSlos } from '../../../src/lib/slo/defaults.js';
import { FakeSpeechEngine } from './fake-engine.js';

export interface SpeechAppOptions {
  readonly engine?: FakeSpeechEngine;
  readonly limits?: Partial<AudioLimits>;
  readonly timeouts?: Partial<HttpTimeouts>;
  /** As with `metricsPort`. */
  readonly metricsElsewhere?: boolean;
}

/** The whole application of a speech model over a fake engine; ends with the test. */
export async function speechApp(options: SpeechAppOptions = {}) {
  const engine = options.engine ?? new FakeSpeechEngine();
  const limits: AudioLimits = {
    sizeBytes: 100_000,
    durationMs: 1_800_000,
    queue: 4,
    storageBytes: 4 * 2 ** 20,
    timeoutMs: 10_000,
    ...options.limits,
  };
  const lines: Record<string, unknown>[] = [];
  const log = await createServerLog({
    level: 'info',
    access: false,
    target: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const model = { name: engine.model.name, version: '1', digest: engine.model.digest };
  const metrics = await createTranscriptionMetrics({ model, slos: defaultSlos, process: false });
  const lifecycle = new Lifecycle();
  const parent = await mkdtemp(join(tmpdir(), 'speech-app-'));
  const storage = await UploadStorage.create(parent, limits.storageBytes);
  const places = new Places(engine.threads, limits.queue);
  const app: FastifyInstance = await buildTranscriptionApp({
    engine,
    version: '1',
    places,
    storage,
    metrics,
    lifecycle,
    log,
    limits,
    timeouts: { ...uploadTimeouts, ...options.timeouts },
    scrape: options.metricsElsewhere === true ? undefined : () => metrics.registry.metrics(),
    loadedAt: 1_700_000_000_000,
  });
  lifecycle.enter('ready');
  onTestFinished(async () => {
    engine.release();
    app.server.closeAllConnections();
    await app.close();
    await rm(parent, { recursive: true, force: true });
  });
  const metric = async (series: string) => {
    const line = (await metrics.registry.metrics()).split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  /** Names of the recordings on disk. */
  const stored = async () => (await readdir(parent, { recursive: true })).filter((name) => name.includes('/'));
  return { app, engine, limits, lines, lifecycle, storage, places, parent, metric, stored };
}

/** The same on a free port of 127.0.0.1. */
export async function listeningSpeechApp(options: SpeechAppOptions = {}) {
  const made = await speechApp(options);
  const port = await listen(made.app.server, { host: '127.0.0.1', port: 0 });
  return { ...made, port, url: `http://127.0.0.1:${port}` };
}

export const transcriptions = '/v1/audio/transcriptions';

type Part = readonly [name: string, value: string | Uint8Array, fileName?: string];

/** The fields of a form as `inject` takes them. */
export function form(...parts: readonly Part[]) {
  const boundary = 'x-boundary';
  const chunks = parts.flatMap(([name, value, fileName]) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/octet-stream`}\r\n\r\n`,
    ),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  return {
    method: 'POST' as const,
    url: transcriptions,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** A form with a recording that says `text`. */
export const recording = (text: string | Uint8Array, ...fields: readonly Part[]) =>
  form(['file', text, 'said.wav'], ...fields);

/** Resolves when `is` does, looked at in every turn. */
export async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not come to be within 10 s');
}
