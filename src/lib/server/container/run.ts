import { join } from 'node:path';
import { describeError } from '../../base/errors/describe.js';
import { type ExitCode, exitCodes } from '../../base/errors/exit-codes.js';
import { MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import { openModel } from '../../model/open.js';
import type { Model } from '../../model/types.js';
import { type ResolvedModel, readResolvedServing, resolvedFileName } from '../../project/resolved.js';
import { type LogTarget, severityOf } from '../log.js';
import { serve } from '../serve.js';
import type { Environment } from './endpoint.js';
import { containerOptions } from './settings.js';

export interface ContainerContext {
  /** Folder with the resolved configuration; the model lies below it. */
  readonly root: string;
  readonly env: Environment;
  /** Aborted by SIGTERM. */
  readonly stop: AbortSignal;
  readonly logTarget: LogTarget;
  /** One line for whoever reads the container's log. */
  readonly writeLine: (line: string) => void;
  /** File that a worker process starts from. */
  readonly workerEntry: string;
}

/**
 * Serves the model of an image until `stop` aborts, and returns the exit code. What goes wrong is one JSON line, as all
 * that a container logs.
 */
export async function runContainer(context: ContainerContext): Promise<ExitCode> {
  try {
    const resolved = await readResolvedServing(join(context.root, resolvedFileName));
    const options = containerOptions(resolved, context.env);
    const model = await openModelOf(resolved.model, context.root);
    const { stop, logTarget, workerEntry } = context;
    await serve({ ...options, model }, { stop, logTarget, workerEntry, onReady: () => undefined });
    return exitCodes.done.code;
  } catch (error) {
    const { code, message, why, actions, exitCode } = known(error).toJSON();
    context.writeLine(
      JSON.stringify({
        level: 'fatal',
        severity: severityOf('fatal'),
        time: new Date().toISOString(),
        code,
        why,
        actions,
        msg: message,
      }),
    );
    return exitCode;
  }
}

/** The labels of the image and the metrics of the server name a digest: the file has to be that model. */
async function openModelOf({ file, digest }: ResolvedModel, root: string): Promise<Model> {
  const model = await openModel(file, { baseDir: root });
  if (model.digest === digest) return model;
  throw new OperationError(`${model.path} is not the model that the image was built with`, {
    code: 'MODEL_CHANGED',
    why: `Its SHA-256 is ${model.digest}, the image's is ${digest}.`,
    actions: ['Build an image of the new model: mlops build', 'Remove what is mounted over the model of the image'],
  });
}

function known(error: unknown): MlopsError {
  if (error instanceof MlopsError) return error;
  return new OperationError('The server ended unexpectedly', {
    code: 'UNEXPECTED',
    why: error instanceof Error ? (error.stack ?? error.message) : describeError(error),
  });
}
