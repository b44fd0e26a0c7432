import { join } from 'node:path';
import type { ExitCode } from '../base/errors/exit-codes.js';
import { exitCodeOf } from '../base/errors/fatal-line.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { createJsonReporter } from '../base/progress/json-reporter.js';
import type { Reporter } from '../base/progress/reporter.js';
import { speechModelInImage } from '../model/in-image.js';
import { removeLeftovers } from '../platform/files/leftovers.js';
import type { Machine } from '../platform/process/machine.js';
import {
  type ResolvedServing,
  readResolvedServing,
  resolvedFileName,
  resolvedSpeechModel,
} from '../project/resolved.js';
import { projectSchema } from '../project/schema.js';
import { createRecordingsDeps } from '../recordings/create-deps.js';
import { fetchedPrefix } from '../recordings/open/s3-object.js';
import { createSpeechEngine } from '../speech/engine.js';
import { resolveWarehouse } from '../warehouse/resolve-settings.js';
import { loadFunction, transcribeFunction } from './create-handlers.js';
import { type Handler, handlerNames } from './handler.js';
import { createRuntimeApi } from './runtime/api.js';
import { runLoop } from './runtime/loop.js';

export interface LambdaContext {
  /** Folder with the resolved configuration; the model lies below it. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command of the image. */
  readonly command: string | undefined;
  readonly stop: AbortSignal;
  readonly writeLine: (line: string) => void;
  /** File that a thread of the engine starts from. */
  readonly threadEntry: string;
  readonly machine: Machine;
  readonly onTrace: (traceId: string | undefined) => void;
}

/** The program of the functions' image: one of two handlers, until Lambda ends it. Returns the exit code. */
export async function runLambda(context: LambdaContext): Promise<ExitCode> {
  const { env, stop, writeLine, onTrace } = context;
  return await exitCodeOf(async () => {
    const address = env.AWS_LAMBDA_RUNTIME_API;
    if (!address) {
      throw new UsageError('AWS_LAMBDA_RUNTIME_API is not set', {
        code: 'NOT_IN_LAMBDA',
        why: 'This image is a function of AWS Lambda, which sets it.',
        actions: ['To run a function here: mlops lambda invoke transcribe --event event.json'],
      });
    }
    const reporter = createJsonReporter(writeLine);
    const init = () => createHandler(context, reporter);
    await runLoop({ api: createRuntimeApi(address), init, reporter, onTrace, stop });
  }, writeLine);
}

async function createHandler(context: LambdaContext, reporter: Reporter): Promise<Handler> {
  const { root, env, command, writeLine } = context;
  const path = join(root, resolvedFileName);
  const resolved = await readResolvedServing(path);
  switch (command) {
    case 'transcribe':
      return await transcribe(context, path, resolved, reporter);
    case 'load': {
      // What mlops.yaml says of accounts is not in an image: the environment says where the warehouse is.
      const project = { file: undefined, dir: root, config: projectSchema.parse({ name: resolved.name }) };
      const warehouse = resolveWarehouse(project, { engine: 'redshift' }, { cwd: root, env });
      return loadFunction({ project, env, warehouse, writeLine }, reporter);
    }
    default:
      throw new UsageError(`There is no handler ${command ?? 'without a name'}`, {
        code: 'Runtime.NoSuchHandler',
        why: `The command of the image is one of ${handlerNames.join(', ')}.`,
      });
  }
}

async function transcribe(
  { root, env, machine, threadEntry, writeLine, stop }: LambdaContext,
  path: string,
  resolved: ResolvedServing,
  reporter: Reporter,
): Promise<Handler> {
  const model = await speechModelInImage(resolvedSpeechModel(path, resolved), root);
  const real = createRecordingsDeps({ env, config: projectSchema.parse({}), reporter, cwd: root, ...machine });
  // A run that was ended at once leaves its recording, and the disk outlives it.
  await removeLeftovers(real.tempDir, fetchedPrefix);
  const deps = {
    ...real,
    modelDigest: () => model.digest,
    speechModel: async () => model,
    openEngine: (one: typeof model, { threads }: { readonly threads: number }) =>
      createSpeechEngine(one, { threads, workerEntry: threadEntry }),
  };
  const { handler } = await transcribeFunction(
    { project: resolved.name, env, model: model.name, writeLine },
    deps,
    stop,
  );
  return handler;
}
