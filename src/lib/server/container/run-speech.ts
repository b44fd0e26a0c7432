import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../base/errors/exit-codes.js';
import { exitCodeOf } from '../../base/errors/fatal-line.js';
import { speechModelInImage } from '../../model/in-image.js';
import type { Machine } from '../../platform/process/machine.js';
import { readResolvedServing, resolvedFileName, resolvedSpeechModel } from '../../project/resolved.js';
import { thresholdWarnings } from '../../slo/lint.js';
import { defaultThreads } from '../../speech/default-threads.js';
import { createSpeechEngine } from '../../speech/engine.js';
import { serveSpeech } from '../transcription/serve.js';
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
    const path = join(root, resolvedFileName);
    const resolved = await readResolvedServing(path);
    const http = httpOptions(resolved, env);
    const threads = workersOf(resolved, env) ?? defaultThreads(machine);
    const model = await speechModelInImage(resolvedSpeechModel(path, resolved), root);
    const limits = resolved.serve.limits.audio;
    const warnings = thresholdWarnings(http.slos, { isSpeech: true, timeoutMs: limits.timeoutMs });
    await serveSpeech(
      { ...http, model, limits, tempDir: tmpdir() },
      {
        stop,
        logTarget,
        warnings,
        onReady: () => undefined,
        createEngine: (one) => createSpeechEngine(one, { threads, workerEntry: threadEntry }),
      },
    );
  }, context.writeLine);
}
