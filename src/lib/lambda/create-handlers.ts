import type { Reporter } from '../base/progress/reporter.js';
import type { S3Objects } from '../platform/aws/s3-objects.js';
import type { Project } from '../project/project.js';
import type { RecordingsDeps } from '../recordings/deps.js';
import type { SpeechEngine } from '../speech/types.js';
import { createWarehouseDeps } from '../warehouse/create-deps.js';
import { openWarehouse } from '../warehouse/open.js';
import type { WarehouseSettings } from '../warehouse/settings.js';
import type { Handler } from './handler.js';
import { createLoadHandler } from './load/handler.js';
import { seeingAbsence } from './s3-absence.js';
import { readPipelineSettings } from './settings.js';
import { createTranscribeHandler } from './transcribe/handler.js';

type Env = Readonly<Record<string, string | undefined>>;

export interface TranscribeFunction {
  readonly handler: Handler;
  /** Frees the model, if it was loaded. */
  close(): Promise<void>;
}

/**
 * The function that transcribes, with a model that stays loaded from one run to the next.
 * Throws UsageError `INVALID_VARIABLE` and what the model throws.
 */
export async function transcribeFunction(
  given: {
    readonly project: string;
    readonly env: Env;
    readonly model: string;
    readonly writeLine: (line: string) => void;
  },
  deps: RecordingsDeps,
  signal: AbortSignal,
): Promise<TranscribeFunction> {
  const settings = readPipelineSettings(given.env);
  const model = await deps.speechModel(given.model, { offline: false, signal });
  let opened: Promise<SpeechEngine> | undefined;
  const engine = () => {
    opened ??= deps.openEngine(model, { threads: 1 }).catch((error: unknown) => {
      // The next recording tries again.
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const s3 = async (): Promise<S3Objects> => seeingAbsence(await deps.s3());
  const { project, writeLine } = given;
  const handler = createTranscribeHandler(settings, {
    ...deps,
    ...{ project, writeLine, s3, engine, modelDigest: model.digest },
  });
  return { handler, close: async () => (await opened)?.close() };
}

/** The function that loads. Throws UsageError `INVALID_VARIABLE`. */
export function loadFunction(
  given: {
    readonly project: Project;
    readonly env: Env;
    readonly warehouse: WarehouseSettings;
    readonly writeLine: (line: string) => void;
  },
  reporter: Reporter,
): Handler {
  const { project, env, warehouse, writeLine } = given;
  const deps = createWarehouseDeps(project, env, reporter);
  return createLoadHandler(readPipelineSettings(env), warehouse, {
    project: project.config.name,
    s3: deps.s3,
    openWarehouse: (of) => openWarehouse(warehouse, { ...deps, reporter: of }),
    now: Date.now,
    writeLine,
  });
}
