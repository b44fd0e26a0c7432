import { ApiProblem } from './api-problem.js';

export const responseFormats = ['json', 'verbose_json', 'text', 'srt', 'vtt'] as const;
export type ResponseFormat = (typeof responseFormats)[number];

/** Values of a form by the names of its fields, in the order in which they came. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

interface Served {
  readonly name: string;
  /** BCP 47. */
  readonly language: string;
}

/** What each field may say; `prompt` has no effect, because the models have no place for one. */
const checks: Readonly<Record<string, (value: string, model: Served) => void>> = {
  model: refuseOtherModel,
  language: refuseOtherLanguage,
  response_format: () => undefined,
  prompt: () => undefined,
  temperature(value, { name }) {
    if (value.trim() === '' || Number(value) !== 0) {
      refuse(
        'temperature',
        `temperature is '${short(value)}', and ${name} takes 0 only: it always gives the likeliest text`,
      );
    }
  },
  stream(value) {
    if (!/^(false|0)$/i.test(value)) refuse('stream', 'stream is not supported: an answer comes whole');
  },
  chunking_strategy(value) {
    if (value !== 'auto')
      refuse('chunking_strategy', `chunking_strategy may be 'auto' only: recordings are cut at silences`);
  },
  'timestamp_granularities[]': refuseWordTimes,
  timestamp_granularities: refuseWordTimes,
};

const lists = new Set(['timestamp_granularities[]', 'timestamp_granularities']);

/**
 * Checks the fields of a transcription request, by OpenAI's names and values, and returns the format of its answer.
 * https://platform.openai.com/docs/api-reference/audio/createTranscription
 * Throws ApiProblem 400, and 404 for another model than the one that is served: what has no effect on the text is
 * accepted, what would make another text than the client expects is refused.
 */
export function checkFields(fields: FormFields, model: Served): ResponseFormat {
  for (const [name, values] of fields) {
    const check = checks[name];
    if (check === undefined) {
      refuse(short(name), `The field '${short(name)}' is not known: expected file, ${Object.keys(checks).join(', ')}`);
    }
    if (values.length > 1 && !lists.has(name)) refuse(name, `The field ${name} was given ${values.length} times`);
    for (const value of values) check(value, model);
  }
  const [wanted = 'json'] = fields.get('response_format') ?? [];
  const format = responseFormats.find((known) => known === wanted);
  if (format !== undefined) return format;
  return refuse('response_format', `response_format '${short(wanted)}' is not one of ${responseFormats.join(', ')}`);
}

function refuseOtherModel(value: string, { name }: Served): void {
  if (value === name) return;
  throw new ApiProblem(404, `The model '${short(value)}' is not served here: this is ${name}`, {
    param: 'model',
    code: 'model_not_found',
  });
}

/** `en` or `en-GB` for a model of English; an empty one leaves it to the model. */
function refuseOtherLanguage(value: string, { name, language }: Served): void {
  const [primary] = value.toLowerCase().split('-', 1);
  if (value === '' || primary === language.toLowerCase().split('-', 1)[0]) return;
  refuse('language', `language is '${short(value)}', and ${name} hears '${language}' only`);
}

function refuseWordTimes(value: string, { name }: Served): void {
  if (value === 'segment') return;
  const why = value === 'word' ? `${name} gives times for segments, not for words` : `it is '${short(value)}'`;
  refuse('timestamp_granularities', `timestamp_granularities may have 'segment' only: ${why}`);
}

function refuse(param: string, message: string): never {
  throw new ApiProblem(400, message, { param, code: 'invalid_value' });
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
