import { describeError } from '../../base/errors/describe.js';
import { type ExitCode, exitCodes } from '../../base/errors/exit-codes.js';
import { MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import { severityOf } from '../log.js';

/** The exit code of what a container does. What goes wrong is one JSON line, as all that a container logs. */
export async function exitCodeOf(work: () => Promise<void>, writeLine: (line: string) => void): Promise<ExitCode> {
  try {
    await work();
    return exitCodes.done.code;
  } catch (error) {
    const { code, message, why, actions, exitCode } = known(error).toJSON();
    const time = new Date().toISOString();
    writeLine(
      JSON.stringify({ level: 'fatal', severity: severityOf('fatal'), time, code, why, actions, msg: message }),
    );
    return exitCode;
  }
}

/** The labels of the image and the metrics of the server name a digest: the file has to be that model. */
export function refuseChanged(what: string, found: string, built: string): void {
  if (found === built) return;
  throw new OperationError(`${what} is not the model that the image was built with`, {
    code: 'MODEL_CHANGED',
    why: `Its SHA-256 is ${found}, the image's is ${built}.`,
    actions: ['Build an image of the new model: mlops build', 'Remove what is mounted over the model of the image'],
  });
}

/** An image has the server of its model's kind, unless somebody gave it another configuration. */
export function otherKind(name: string): OperationError {
  return new OperationError(`The server of this image is not for ${name}`, {
    code: 'MODEL_CHANGED',
    why: 'The configuration beside it is of a model of another kind.',
    actions: ['Build the image again: mlops build'],
  });
}

function known(error: unknown): MlopsError {
  if (error instanceof MlopsError) return error;
  return new OperationError('The server ended unexpectedly', {
    code: 'UNEXPECTED',
    why: error instanceof Error ? (error.stack ?? error.message) : describeError(error),
  });
}
