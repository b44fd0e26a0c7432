import type { FastifyInstance, FastifyRequest } from 'fastify';
import { formatCount, formatDuration } from '../../base/units.js';
import type { SpeechEngine, Transcription } from '../../speech/types.js';
import { type MeasureContext, measured } from '../http/measure.js';
import { clientGone, HttpProblem, turnedAway } from '../http/problem.js';
import type { TranscriptionMetrics } from '../metrics/transcription-metrics.js';
import type { AudioLimits } from '../options.js';
import { answerOf } from './answer.js';
import { audioProblem } from './audio-problem.js';
import { checkFields } from './fields.js';
import { acceptForms, refuseNoForm } from './form-body.js';
import type { Places } from './places.js';
import { fileTooLarge, formOverheadBytes, receiveForm } from './receive-form.js';
import type { UploadStorage } from './upload-storage.js';

export interface TranscriptionContext extends MeasureContext {
  readonly engine: SpeechEngine;
  readonly places: Places;
  readonly storage: UploadStorage;
  readonly metrics: TranscriptionMetrics;
  readonly limits: AudioLimits;
}

const path = '/v1/audio/transcriptions';
const statuses = [200, 400, 404, 413, 415, 422, 499, 500, 503, 504];

interface Recording {
  readonly path: string;
  readonly fileName: string;
}

/** `POST /v1/audio/transcriptions`, the shape of OpenAI's: a form with a recording -> what was said in it. */
export async function addTranscriptionRoute(app: FastifyInstance, context: TranscriptionContext): Promise<void> {
  const { engine, storage, limits, metrics } = context;
  const hooks = measured(path, metrics.route(path, 'prediction', statuses), context);
  // In a scope of its own: no other route takes forms.
  await app.register(async (scope) => {
    await acceptForms(scope);
    scope.post(path, hooks, async (request, reply) => {
      refuseNoForm(request);
      const announced = announcedBytes(request);
      if (announced !== undefined && announced > limits.sizeBytes + formOverheadBytes) {
        throw fileTooLarge(limits.sizeBytes);
      }
      // Before the recording is sent in vain.
      if (context.places.full) throw queueFull(limits);
      // What a form has beside the recording is not stored.
      const upload = storage.open(announced === undefined ? undefined : Math.min(announced, limits.sizeBytes));
      try {
        const { fileName, fields } = await receiveForm(request, upload, limits.sizeBytes);
        const format = checkFields(fields, engine.model);
        const recording = { path: upload.path, fileName };
        const transcription = await within(request, limits, (signal) => transcribe(recording, signal, context));
        const { type, body } = answerOf(transcription, format);
        reply.header('content-type', type);
        return body;
      } finally {
        await upload.discard();
      }
    });
  });
}

async function transcribe(
  recording: Recording,
  signal: AbortSignal,
  context: TranscriptionContext,
): Promise<Transcription> {
  const { engine, places, metrics, limits } = context;
  const arrivedAt = performance.now();
  const giveBack = await places.take(signal);
  if (giveBack === undefined) throw queueFull(limits);
  const startedAt = performance.now();
  metrics.waited(startedAt - arrivedAt);
  try {
    const transcription = await engine.transcribe(recording.path, { signal, maxDurationS: limits.durationMs / 1000 });
    metrics.transcribed(transcription.durationS, performance.now() - startedAt);
    return transcription;
  } catch (error) {
    throw audioProblem(error, { ...recording, durationMs: limits.durationMs });
  } finally {
    giveBack();
  }
}

/** Nobody works on what nobody waits for any more: the signal aborts when the client goes, and when the time is over. */
async function within<T>(
  { raw: { socket } }: FastifyRequest,
  { timeoutMs }: AudioLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const leave = () => controller.abort(clientGone());
  const message = `The transcription was not ready within ${formatDuration(timeoutMs)}, the limit serve.limits.audio.timeout`;
  const expire = () => controller.abort(new HttpProblem(504, message, { rejection: 'timeout' }));
  if (socket.destroyed) leave();
  socket.once('close', leave);
  const timer = setTimeout(expire, timeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    socket.off('close', leave);
  }
}

function queueFull({ queue }: AudioLimits): HttpProblem {
  return turnedAway(
    'queue_full',
    `The queue is full: ${formatCount(queue)} recordings may wait, the limit serve.limits.audio.queue`,
  );
}

function announcedBytes({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
