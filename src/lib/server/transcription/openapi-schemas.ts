const text = { type: 'string' };
const seconds = { type: 'number', minimum: 0 };

/** An object with exactly these members, all of them there. */
function exactly(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', required: Object.keys(properties), properties, additionalProperties: false };
}

function list(items: object): object {
  return { type: 'array', items };
}

/** JSON Schema (draft 2020-12) of what a server of a speech model answers. */
export const answerSchemas = {
  Usage: exactly({ type: { type: 'string', const: 'duration' }, seconds: { type: 'integer', minimum: 0 } }),
  Transcription: exactly({ text, usage: named('Usage') }),
  Segment: exactly({
    id: { type: 'integer', minimum: 0 },
    start: seconds,
    end: seconds,
    text,
    temperature: { type: 'number', const: 0 },
  }),
  Warning: exactly({ kind: { type: 'string', enum: ['repetition', 'runaway'] }, start: seconds, end: seconds }),
  VerboseTranscription: exactly({
    task: { type: 'string', const: 'transcribe' },
    language: text,
    duration: seconds,
    text,
    segments: list(named('Segment')),
    usage: named('Usage'),
    model: text,
    model_digest: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    warnings: list(named('Warning')),
  }),
  Model: exactly({
    id: text,
    object: { type: 'string', const: 'model' },
    created: { type: 'integer', description: 'When it was loaded, in seconds since 1970' },
    owned_by: text,
  }),
  ModelList: exactly({ object: { type: 'string', const: 'list' }, data: list(named('Model')) }),
  ApiProblem: exactly({
    error: exactly({
      message: text,
      type: { type: 'string', enum: ['invalid_request_error', 'server_error'] },
      param: { type: ['string', 'null'], description: 'The field that is to blame' },
      code: { type: ['string', 'null'] },
    }),
  }),
  Problem: exactly({ error: text }),
};

export function named(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}

/** A refusal: below /v1 as clients of OpenAI's API read it. */
export function problem(description: string, schema: 'ApiProblem' | 'Problem' = 'ApiProblem'): object {
  return { description, content: { 'application/json': { schema: named(schema) } } };
}
