import type { Reporter } from '../base/progress/reporter.js';
import { defaultSpeechModel } from '../model/catalog.js';
import type { Project } from '../project/project.js';
import { createRecordingsDeps } from '../recordings/create-deps.js';
import { resolveWarehouse, type WarehouseFlags } from '../warehouse/resolve-settings.js';
import { loadFunction, type TranscribeFunction, transcribeFunction } from './create-handlers.js';
import type { HandlerName } from './handler.js';

export interface LocalRequest {
  readonly name: HandlerName;
  readonly project: Project;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly reporter: Reporter;
  readonly memoryBytes: number;
  readonly warehouse: WarehouseFlags;
  readonly signal: AbortSignal;
  /** Hears of the metrics that CloudWatch would get. */
  readonly writeLine: (line: string) => void;
}

/** A function as it is in Lambda, with the model and the warehouse of this machine. */
export async function createLocalFunction(request: LocalRequest): Promise<TranscribeFunction> {
  const { name, project, env, cwd, reporter, writeLine, memoryBytes, signal } = request;
  if (name === 'load') {
    const warehouse = resolveWarehouse(project, request.warehouse, { cwd, env });
    return { handler: loadFunction({ project, env, warehouse, writeLine }, reporter), close: async () => {} };
  }
  const { config } = project;
  const deps = createRecordingsDeps({ env, config, reporter, cwd, memoryBytes });
  const model = config.speech?.model ?? defaultSpeechModel;
  return await transcribeFunction({ project: config.name, env, model, writeLine }, deps, signal);
}
