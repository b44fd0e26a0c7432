import { join } from 'node:path';
import type { ExitCode } from '../../base/errors/exit-codes.js';
import { exitCodeOf } from '../../base/errors/fatal-line.js';
import { createJsonReporter } from '../../base/progress/json-reporter.js';
import { type Environment, invalidVariable, wholeNumber } from '../../base/variables.js';
import { speechModelInImage } from '../../model/in-image.js';
import type { Machine } from '../../platform/process/machine.js';
import { readResolvedServing, resolvedFileName, resolvedSpeechModel } from '../../project/resolved.js';
import { projectSchema } from '../../project/schema.js';
import { createSpeechEngine } from '../../speech/engine.js';
import { createRecordingsDeps } from '../create-deps.js';
import type { RecordingsDeps } from '../deps.js';
import { type FileFormat, fileFormats } from '../formats/format.js';
import { type QueueRequest, transcribeQueue } from './transcribe-queue.js';

export interface WorkerContainerContext {
  /** Folder with the resolved configuration; the model lies below it. */
  readonly root: string;
  readonly env: Environment;
  /** Aborted by SIGTERM: what is under work is finished. */
  readonly stop: AbortSignal;
  readonly writeLine: (line: string) => void;
  /** File that a thread of the engine starts from. */
  readonly threadEntry: string;
  readonly machine: Machine;
  /** For tests: AWS and the engine, instead of the real ones. */
  readonly deps?: Partial<RecordingsDeps>;
}

/**
 * `mlops transcribe --queue` as the program of an image: the model is that of the image, and the environment says the rest,
 * in the variables of the command. Returns the exit code.
 */
export async function runWorkerContainer(context: WorkerContainerContext): Promise<ExitCode> {
  const { root, env, stop, threadEntry, machine, writeLine } = context;
  return await exitCodeOf(async () => {
    const path = join(root, resolvedFileName);
    const placed = resolvedSpeechModel(path, await readResolvedServing(path));
    const settings = workerSettings(env);
    const model = await speechModelInImage(placed, root);
    const reporter = createJsonReporter(writeLine);
    // What mlops.yaml says of accounts is not in an image: region and credentials are those of the environment.
    const real = createRecordingsDeps({ env, config: projectSchema.parse({}), reporter, cwd: root, ...machine });
    const deps: RecordingsDeps = {
      ...real,
      cores: machine.cores,
      modelDigest: () => model.digest,
      speechModel: async () => model,
      openEngine: (one, { threads }) => createSpeechEngine(one, { threads, workerEntry: threadEntry }),
      ...context.deps,
    };
    const request = { ...settings, model: model.name, channels: 'mix', force: false, offline: true } as const;
    await transcribeQueue({ ...request, untilEmpty: false, signal: stop, onOutcome: async () => undefined }, deps);
  }, writeLine);
}

type WorkerSettings = Pick<QueueRequest, 'queue' | 'output' | 'format' | 'concurrency' | 'sources'>;

/** The variables of `mlops transcribe`. Throws UsageError `INVALID_VARIABLE`. */
export function workerSettings(env: Environment): WorkerSettings {
  const needed = (name: string, example: string): string => {
    const value = env[name];
    if (value) return value;
    throw invalidVariable(name, undefined, `such as ${example}`);
  };
  const format = env.MLOPS_TRANSCRIBE_FORMAT || 'jsonl';
  const known = fileFormats.find((one) => one === format);
  if (known === undefined) throw invalidVariable('MLOPS_TRANSCRIBE_FORMAT', format, `one of ${fileFormats.join(', ')}`);
  return {
    queue: needed('MLOPS_TRANSCRIBE_QUEUE', 'https://sqs.us-east-1.amazonaws.com/123456789012/recordings'),
    output: needed('MLOPS_TRANSCRIBE_OUTPUT', 's3://bucket/transcripts'),
    format: known satisfies FileFormat,
    concurrency: wholeNumber(env, 'MLOPS_TRANSCRIBE_CONCURRENCY', 1, 64),
    sources: (env.MLOPS_TRANSCRIBE_SOURCES ?? '').split(/\s+/).filter((source) => source !== ''),
  };
}
