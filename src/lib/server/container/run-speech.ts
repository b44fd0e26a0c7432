import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../base/errors/exit-codes.js';
import { speechDigest } from '../../model/speech-files.js';
import type { SpeechModel } from '../../model/speech-model.js';
import type { Machine } from '../../platform/process/machine.js';
import { type ResolvedSpeechModel, readResolvedServing, resolvedFileName } from '../../project/resolved.js';
import { createSpeechEngine } from '../../speech/engine.js';
import { serveSpeech } from '../transcription/serve.js';
import { defaultThreads } from '../transcription/threads.js';
import { exitCodeOf, otherKind, refuseChanged } from './exit.js';
import type { ContainerContext } from './run.js';
import { httpOptions, workersOf } from './settings.js';

export interface SpeechContainerContext extends Omit<ContainerContext, 'workerEntry'> {
  /** File that a thread of the engine starts from. */
  readonly threadEntry: string;
  readonly machine: Machine;
}

/** Serves transcriptions by the model of an image until `stop` aborts, and returns the exit code. */
export async function runSpeechContainer(context: SpeechContainerContext): Promise<ExitCode> {
  const { root, env, stop, logTarget, threadEntry, machine } = context;
  return await exitCodeOf(async () => {
    const resolved = await readResolvedServing(join(root, resolvedFileName));
    const http = httpOptions(resolved, env);
    const threads = workersOf(resolved, env) ?? defaultThreads(machine);
    if (resolved.model.kind !== 'speech') throw otherKind(resolved.model.name);
    const model = await openSpeechModel(resolved.model, root);
    await serveSpeech(
      { ...http, model, limits: resolved.serve.limits.audio, tempDir: tmpdir() },
      {
        stop,
        logTarget,
        onReady: () => undefined,
        createEngine: (one) => createSpeechEngine(one, { threads, workerEntry: threadEntry }),
      },
    );
  }, context.writeLine);
}

/** The speech model below `root`. Throws OperationError `MODEL_CHANGED`. */
export async function openSpeechModel(
  { kind: _kind, ...model }: ResolvedSpeechModel,
  root: string,
): Promise<SpeechModel> {
  const { encoder, decoder, vad } = model.files;
  const files = { encoder: join(root, encoder), decoder: join(root, decoder), vad: join(root, vad) };
  refuseChanged(join(root, 'model'), await speechDigest(files), model.digest);
  return { ...model, files };
}
