import { OperationError } from '../base/errors/mlops-error.js';
import type { ProcessRunner, RunningProcess } from '../platform/process/runner.js';
import { excerpt } from './excerpt.js';

const startUpMs = 60_000;

/** What is asked of mlops to serve for a test: on free ports, for this machine alone, and no longer than the test lives. */
export const serveArguments: readonly string[] = [
  'serve',
  ...['--host', '127.0.0.1', '--port', '0', '--metrics-port', '0'],
  ...['--drain-delay', '0s', '--log-level', 'warn', '--json', '--until-eof'],
];

/** How this very program is started once more, for `serve`. */
export interface ServeCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** A model that serves for the time of a test. */
export interface ServedModel {
  readonly url: string;
  readonly model: string;
  /** Resolves when the server has ended, for whatever reason, with what it said last. */
  readonly ended: Promise<string>;
  /** SIGTERM, and the wait for its end. */
  stop(): Promise<void>;
}

/**
 * Starts `serve` in a process of its own, so that server and load share no event loop, and waits for its one line
 * `{"url", "model", "pid"}`. Throws OperationError `SERVE_FAILED` with what the server said.
 */
export async function serveModel(
  runner: ProcessRunner,
  command: ServeCommand,
  signal: AbortSignal,
): Promise<ServedModel> {
  const server = await runner.start(command.program, command.args, { cwd: command.cwd, lifeline: true });
  const ended = server.exited.then(({ exitCode, stderrTail }) => {
    const how = exitCode === undefined ? 'was ended by a signal' : `ended with exit code ${exitCode}`;
    return `${how}${stderrTail.trim() === '' ? '' : `: ${lastLines(stderrTail)}`}`;
  });
  try {
    const ready = await firstLine(server, ended, signal);
    return { ...ready, ended, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function firstLine(
  server: RunningProcess,
  ended: Promise<string>,
  signal: AbortSignal,
): Promise<{ url: string; model: string }> {
  const waited = AbortSignal.any([signal, AbortSignal.timeout(startUpMs)]);
  const aborted = new Promise<never>((_resolve, reject) => {
    waited.addEventListener('abort', () => reject(waited.reason), { once: true });
    waited.throwIfAborted();
  });
  const line = (async () => {
    for await (const text of server.stdoutLines) return text;
    return undefined;
  })();
  const first = await Promise.race([line, aborted]).catch((error: unknown) => {
    signal.throwIfAborted();
    throw serveFailed(`It was not ready within ${startUpMs / 1000} s.`, error);
  });
  if (first === undefined) throw serveFailed(`It ${await ended}`);
  return parseReady(first);
}

function parseReady(line: string): { url: string; model: string } {
  try {
    const { url, model } = JSON.parse(line) as { url?: unknown; model?: unknown };
    if (typeof url === 'string' && typeof model === 'string') return { url, model };
  } catch {
    // Falls through: any other first line is not the one that was promised.
  }
  throw serveFailed(`Its first line is not the one that says it is ready: ${excerpt(line)}`);
}

function serveFailed(why: string, cause?: unknown): OperationError {
  return new OperationError('The model could not be served for the test', {
    code: 'SERVE_FAILED',
    why,
    actions: ['mlops serve', 'mlops load-test URL tests a server that is already running'],
    ...(cause === undefined ? {} : { cause }),
  });
}

function lastLines(text: string): string {
  return excerpt(text.trim().split('\n').slice(-5).join(' | '), 600);
}
