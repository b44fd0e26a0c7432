import { join } from 'node:path';
import type { ExitCode } from '../../base/errors/exit-codes.js';
import { exitCodeOf } from '../../base/errors/fatal-line.js';
import type { Environment } from '../../base/variables.js';
import { refuseChanged } from '../../model/in-image.js';
import { openModel } from '../../model/open.js';
import type { Model } from '../../model/types.js';
import {
  type ResolvedPredictor,
  readResolvedServing,
  resolvedFileName,
  resolvedPredictor,
} from '../../project/resolved.js';
import type { LogTarget } from '../log.js';
import { serve } from '../serve.js';
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

/** Serves predictions of the model of an image until `stop` aborts, and returns the exit code. */
export async function runContainer(context: ContainerContext): Promise<ExitCode> {
  const { root, env, stop, logTarget, workerEntry } = context;
  return await exitCodeOf(async () => {
    const path = join(root, resolvedFileName);
    const resolved = await readResolvedServing(path);
    const options = containerOptions(resolved, env);
    const model = await openModelOf(resolvedPredictor(path, resolved), root);
    await serve({ ...options, model }, { stop, logTarget, workerEntry, onReady: () => undefined });
  }, context.writeLine);
}

async function openModelOf({ file, digest }: ResolvedPredictor, root: string): Promise<Model> {
  const model = await openModel(file, { baseDir: root });
  refuseChanged(model.path, model.digest, digest);
  return model;
}
