import { type Environment, invalidVariable } from '../base/variables.js';

/** Where the pipeline keeps what, in one bucket. Prefixes end in a slash. */
export interface PipelineSettings {
  readonly bucket: string;
  /** What lies below it is transcribed; empty for the whole bucket. */
  readonly recordings: string;
  readonly results: string;
  readonly failed: string;
  /** Of what is being loaded: nothing below it is needed when the load is done. */
  readonly manifests: string;
  /** Of the notes of what was loaded, which stay as long as the results do. */
  readonly loaded: string;
  readonly format: 'jsonl' | 'csv';
}

const invalid = (name: string, value: string | undefined, expected: string) =>
  invalidVariable(name, value, expected, 'function');

/** The variables that templates/terraform/aws/pipeline_transcribe.tf and pipeline_load.tf set. Throws UsageError `INVALID_VARIABLE`. */
export function readPipelineSettings(env: Environment): PipelineSettings {
  const bucket = env.S3_BUCKET || undefined;
  if (bucket === undefined) throw invalid('S3_BUCKET', undefined, 'the name of a bucket');
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw invalid('S3_BUCKET', bucket, 'the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes');
  }
  const own = {
    results: prefix(env, 'RESULT_PREFIX', 'processed/'),
    failed: prefix(env, 'FAILED_PREFIX', 'failed/'),
    manifests: prefix(env, 'MANIFEST_PREFIX', 'loads/'),
    loaded: prefix(env, 'LOADED_PREFIX', 'loaded/'),
  };
  const recordings = env.RECORDINGS_PREFIX === '' ? '' : prefix(env, 'RECORDINGS_PREFIX', 'recordings/');
  const around = Object.values(own).find((mine) => recordings.startsWith(mine));
  if (around !== undefined) {
    throw invalid('RECORDINGS_PREFIX', recordings, `a prefix that is not below ${around}, which the functions write`);
  }
  for (const [one, other] of pairs(Object.values(own))) {
    if (!one.startsWith(other) && !other.startsWith(one)) continue;
    throw invalid(
      'RESULT_PREFIX, FAILED_PREFIX, MANIFEST_PREFIX or LOADED_PREFIX',
      one,
      `four prefixes, none below another; ${other} is one`,
    );
  }
  const format = env.RESULT_FORMAT || 'jsonl';
  if (format !== 'jsonl' && format !== 'csv') throw invalid('RESULT_FORMAT', format, 'jsonl or csv');
  return { bucket, recordings, ...own, format };
}

function pairs<T>(all: readonly T[]): (readonly [T, T])[] {
  return all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const));
}

function prefix(env: Environment, name: string, byDefault: string): string {
  const value = env[name] || byDefault;
  if (value.endsWith('/') && !value.startsWith('/')) return value;
  throw invalid(name, value, `a prefix with a slash at its end and none in front, such as ${byDefault}`);
}
