import { formatDuration, formatSize } from '../../base/units.js';
import type { AudioLimits } from '../options.js';
import { uploadTimeouts } from '../options.js';
import { responseFormats } from './fields.js';
import { answerSchemas, named, problem } from './openapi-schemas.js';

export interface DescribedService {
  readonly model: {
    readonly name: string;
    readonly version: string;
    /** BCP 47. */
    readonly language: string;
  };
  readonly limits: AudioLimits;
  /** The metrics are on the port of the service. */
  readonly hasMetrics: boolean;
}

/**
 * The OpenAPI description of a server of a speech model, with the limits that it runs with.
 * https://spec.openapis.org/oas/v3.1.0
 */
export function transcriptionDocument({ model, limits, hasMetrics }: DescribedService): object {
  const ready = { name: model.name, ready: true };
  const health = (summary: string, example: object, statuses: Readonly<Record<string, string>> = {}) => ({
    get: {
      tags: ['health'],
      summary,
      responses: { 200: json('Yes', { type: 'object', examples: [example] }), ...problems(statuses, 'Problem') },
    },
  });
  const other = { 404: 'Another model or version' };
  const notReady = { 503: 'Starting, or shutting down' };
  return {
    openapi: '3.1.0',
    info: {
      title: `Transcriptions by ${model.name}`,
      version: model.version,
      description: `Recordings to text in the language '${model.language}', in the shape of OpenAI's API.`,
    },
    servers: [{ url: '/' }],
    paths: {
      '/v1/audio/transcriptions': { post: transcribe(model, limits) },
      '/v1/models': {
        get: {
          tags: ['models'],
          summary: 'The model that is served',
          responses: { 200: json('It', named('ModelList')) },
        },
      },
      '/v1/models/{model}': {
        parameters: [parameter('model')],
        get: {
          tags: ['models'],
          summary: 'One model',
          responses: { 200: json('It', named('Model')), ...problems({ 404: 'It is not served here' }) },
        },
      },
      '/healthz': health('The process answers', { status: 'ok' }),
      '/readyz': health('It wants traffic', { status: 'ready' }, notReady),
      '/v2/health/live': health('The process answers', { live: true }),
      '/v2/health/ready': {
        get: {
          tags: ['health'],
          summary: 'It wants traffic',
          responses: {
            200: json('Yes', { type: 'object', examples: [{ live: true, ready: true }] }),
            503: json('No', { type: 'object', examples: [{ live: true, ready: false }] }),
          },
        },
      },
      '/v2/models/{model}/ready': { parameters: [parameter('model')], ...modelReady() },
      '/v2/models/{model}/versions/{version}/ready': {
        parameters: [parameter('model'), parameter('version')],
        ...modelReady(),
      },
      ...(hasMetrics ? { '/metrics': metrics } : {}),
      '/openapi.json': {
        get: { tags: ['about'], summary: 'This document', responses: { 200: json('It', { type: 'object' }) } },
      },
    },
    components: { schemas: answerSchemas },
  };

  function modelReady() {
    const answer = (word: string, isReady: boolean) =>
      json(word, { type: 'object', examples: [{ ...ready, ready: isReady }] });
    return {
      get: {
        tags: ['health'],
        summary: 'The model wants traffic',
        responses: { 200: answer('Yes', true), ...problems(other, 'Problem'), 503: answer('No', false) },
      },
    };
  }
}

const metrics = {
  get: {
    tags: ['health'],
    summary: 'Metrics for Prometheus',
    responses: { 200: text('text/plain', 'The text format'), ...problems({ 503: 'Not to be had' }, 'Problem') },
  },
};

function transcribe({ name, language }: DescribedService['model'], limits: AudioLimits): object {
  const size = formatSize(limits.sizeBytes);
  const longest = formatDuration(limits.durationMs);
  const timeout = formatDuration(limits.timeoutMs);
  return {
    tags: ['transcriptions'],
    summary: 'What is said in a recording',
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            required: ['file'],
            additionalProperties: false,
            properties: {
              file: {
                type: 'string',
                contentMediaType: 'application/octet-stream',
                description: `The recording: WAV, FLAC, MP3, OGG (Vorbis, Opus), WebM; what else ffmpeg reads, where it is installed. At most ${size} (${limits.sizeBytes} bytes) and ${longest}.`,
              },
              model: { type: 'string', enum: [name] },
              response_format: { type: 'string', enum: [...responseFormats], default: 'json' },
              language: {
                type: 'string',
                description: `'${language}', with or without a region`,
                examples: [language],
              },
              prompt: { type: 'string', description: 'Accepted, without effect: the model has no place for one' },
              temperature: { type: 'number', const: 0, description: 'The model always gives the likeliest text' },
              stream: { type: 'boolean', const: false },
              chunking_strategy: { type: 'string', enum: ['auto'], description: 'Long recordings are cut at silences' },
              timestamp_granularities: granularities,
              'timestamp_granularities[]': granularities,
            },
          },
          encoding: { file: { contentType: 'audio/*, video/*, application/octet-stream' } },
        },
      },
    },
    responses: {
      200: {
        description: 'The text, in the format that was asked for',
        content: {
          'application/json': { schema: { oneOf: [named('Transcription'), named('VerboseTranscription')] } },
          'text/plain': { schema: { type: 'string' } },
          'application/x-subrip': { schema: { type: 'string' } },
          'text/vtt': { schema: { type: 'string' } },
        },
      },
      ...problems({
        400: 'No form, or a field that it cannot have',
        404: 'Another model',
        408: `The request was not there within ${formatDuration(uploadTimeouts.requestMs)}`,
        413: `More than ${size}, or longer than ${longest} (serve.limits.audio.size, .duration)`,
        415: 'No audio, or none that can be read here',
        422: 'Audio that is damaged, cut off or empty',
        500: 'A fault of the server',
      }),
      503: {
        ...problem(
          `Full: ${limits.queue} recordings wait, or ${formatSize(limits.storageBytes)} of them are stored (serve.limits.audio.queue, .storage)`,
        ),
        headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds' } },
      },
      ...problems({ 504: `Not ready within ${timeout} (serve.limits.audio.timeout)` }),
    },
  };
}

const granularities = {
  type: 'array',
  items: { type: 'string', enum: ['segment'] },
  description: 'There are times of segments, not of words',
};

function parameter(name: string): object {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

function json(description: string, schema: object): object {
  return { description, content: { 'application/json': { schema } } };
}

function text(type: string, description: string): object {
  return { description, content: { [type]: { schema: { type: 'string' } } } };
}

function problems(
  statuses: Readonly<Record<string, string>>,
  schema: 'ApiProblem' | 'Problem' = 'ApiProblem',
): Record<string, object> {
  return Object.fromEntries(Object.entries(statuses).map(([status, why]) => [status, problem(why, schema)]));
}
