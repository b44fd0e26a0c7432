import type { InferenceSession } from 'onnxruntime-node';
import { describeError } from '../base/errors/describe.js';
import { OperationError, PrerequisiteError } from '../base/errors/mlops-error.js';
import { defaultForNativeCode } from '../platform/process/environment.js';

export type Runtime = typeof import('onnxruntime-node');

/**
 * The library reports its use to its maker over HTTPS unless it is told not to, and it reads this when it is loaded. Has to
 * be called on the main thread: for a worker thread before it starts.
 */
export function keepRuntimeQuiet(): void {
  defaultForNativeCode('ORT_DISABLE_TELEMETRY', '1');
}

/** Throws PrerequisiteError when ONNX Runtime is not there. */
export async function loadRuntime(): Promise<Runtime> {
  keepRuntimeQuiet();
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new PrerequisiteError('ONNX Runtime cannot be loaded', {
      code: 'ONNX_RUNTIME_MISSING',
      why: describeError(error),
      actions: [
        'npm install --force onnxruntime-node',
        'Check that this platform is linux, macOS or Windows on x64 or arm64',
      ],
      cause: error,
    });
  }
}

/**
 * @param content what is loaded in place of the file
 * @throws OperationError `MODEL_LOAD_FAILED` when ONNX Runtime cannot load it
 */
export async function openSession(
  runtime: Runtime,
  path: string,
  intraOpThreads: number,
  content?: Uint8Array,
): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create((content ?? path) as string, {
      executionProviders: ['cpu'],
      intraOpNumThreads: intraOpThreads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // What goes wrong is thrown; the native log would put the same on stderr, past every formatter.
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw loadFailed(path, error);
  }
}

export function loadFailed(path: string, error: unknown): OperationError {
  return new OperationError(`ONNX Runtime cannot load ${path}`, {
    code: 'MODEL_LOAD_FAILED',
    why: describeError(error),
    actions: [`mlops model inspect ${path}`],
    cause: error,
  });
}
