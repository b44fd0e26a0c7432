import { describeError } from './describe.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { MlopsError, OperationError } from './mlops-error.js';

/** The exit code of what a container does. What goes wrong is one JSON line, as all that a container logs. */
export async function exitCodeOf(work: () => Promise<unknown>, writeLine: (line: string) => void): Promise<ExitCode> {
  try {
    await work();
    return exitCodes.done.code;
  } catch (error) {
    const { code, message, why, actions, exitCode } = known(error).toJSON();
    const time = new Date().toISOString();
    writeLine(JSON.stringify({ level: 'fatal', severity: 'ERROR', time, code, why, actions, msg: message }));
    return exitCode;
  }
}

function known(error: unknown): MlopsError {
  if (error instanceof MlopsError) return error;
  return new OperationError('The program ended unexpectedly', {
    code: 'UNEXPECTED',
    why: error instanceof Error ? (error.stack ?? error.message) : describeError(error),
  });
}
