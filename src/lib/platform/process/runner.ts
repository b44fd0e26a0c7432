import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { hasCode } from '../../base/errors/describe.js';
import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import { createOutputFiles } from './output-files.js';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of mlops itself. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to stdin, which is then closed; without it stdin is empty, so that no program can prompt. */
  readonly input?: string;
  /**
   * For `start`: stdin stays open as long as this process lives, so that a program that watches it ends with us, however
   * we end. Without it stdin is empty.
   */
  readonly lifeline?: boolean;
  /** Aborting it sends SIGTERM. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Undefined when a signal ended the program. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions extends RunOptions {
  /**
   * For a program in the middle of something that has to be finished, such as terraform with a lock: it writes to files
   * instead of pipes (a broken pipe would end it), and nothing ends it when this process does.
   */
  readonly survives?: boolean;
  /** Called with every line of stderr as it comes. Not together with `survives`. */
  readonly onStderrLine?: (line: string) => void;
}

/** A program that goes on beside us. */
export interface RunningProcess {
  readonly pid: number;
  readonly stdoutLines: AsyncIterable<string>;
  /** For a program that writes no text, instead of `stdoutLines`; it waits when they are not read. Not with `survives`. */
  readonly stdoutBytes: AsyncIterable<Uint8Array>;
  readonly exited: Promise<{ exitCode: number | undefined; stderrTail: string }>;
  /** Sends the signal to the program alone, not to what it started, and does not wait. */
  send(signal: NodeJS.Signals): void;
  /** Sends the signal (SIGTERM when none is named), waits for the end, and kills after `killAfterMs` (10 s). */
  stop(signal?: NodeJS.Signals, killAfterMs?: number): Promise<void>;
}

/** The one door to other programs. Arguments are an array and no shell is involved: nothing a user types is spliced. */
export interface ProcessRunner {
  /** Runs to the end. A non-zero exit code is a result, not an error. Throws PrerequisiteError if the program is missing. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts and returns. Throws PrerequisiteError if the program is missing. */
  start(program: string, args: readonly string[], options?: StartOptions): Promise<RunningProcess>;
}

const stderrTailChars = 4096;

export function createProcessRunner(): ProcessRunner {
  return { run, start };
}

async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { execa } = await import('execa');
  // Ctrl-C goes to the whole terminal group. A `docker stop` that it ended would leave the work half done although nobody
  // asked for that: what a caller wants to be stopped, it gives a signal.
  const child = execa(program, args, { ...common(options), input: options.input ?? '', detached: true });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const result = await child.finally(() => process.off('exit', killAtExit));
  if (result.failed) refuseMissing(program, result);
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

async function start(program: string, args: readonly string[], options: StartOptions = {}): Promise<RunningProcess> {
  const { execa } = await import('execa');
  const files = options.survives === true ? createOutputFiles() : undefined;
  const child = execa(program, args, {
    ...common(options),
    stdin: options.lifeline === true ? 'pipe' : 'ignore',
    // execa takes any descriptor; its types know the standard ones only.
    ...(files === undefined
      ? {}
      : { stdout: files.stdout as 1, stderr: files.stderr as 2, forceKillAfterDelay: false }),
    // A server logs for hours: what is kept is the tail below, not execa's buffer of everything.
    buffer: false,
    // Ctrl-C goes to the whole terminal group; who started the child decides when it stops.
    detached: true,
  });
  files?.started();
  // execa leaves detached children behind when this process ends; ours outlives us only on purpose.
  const killAtExit = () => child.kill('SIGKILL');
  if (files === undefined) process.once('exit', killAtExit);
  const { pid } = child;
  if (pid === undefined) {
    process.off('exit', killAtExit);
    refuseMissing(program, await child);
    throw new PrerequisiteError(`${program} could not be started`, { code: 'PROGRAM_NOT_STARTED' });
  }
  let stderrTail = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderrTail = (stderrTail + chunk).slice(-stderrTailChars);
  });
  if (options.onStderrLine !== undefined && child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', options.onStderrLine);
  }
  let running = true;
  const exited = child.then((result) => {
    running = false;
    process.off('exit', killAtExit);
    return { exitCode: result.exitCode, stderrTail: files?.stderrTail(stderrTailChars) ?? stderrTail };
  });
  const send = (signal: NodeJS.Signals) => void (running && child.kill(signal));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM', killAfterMs = 10_000) => {
    if (!running) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    await exited.finally(() => clearTimeout(timer));
  };
  const stdoutLines = files?.lines(exited) ?? lines(child.stdout as Readable);
  const stdoutBytes = files === undefined ? chunks(child.stdout as Readable) : none();
  return { pid, stdoutLines, stdoutBytes, exited, send, stop };
}

async function* lines(stream: Readable): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    // A caller that wanted the first line only must not leave the program blocked on a full pipe.
    stream.resume();
  }
}

async function* chunks(stream: Readable): AsyncGenerator<Uint8Array> {
  yield* stream;
}

async function* none(): AsyncGenerator<never> {}

function common(options: RunOptions) {
  return {
    reject: false,
    stripFinalNewline: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  } as const;
}

function refuseMissing(program: string, result: { cause?: unknown }): void {
  if (!hasCode(result.cause, 'ENOENT') && !hasCode(result.cause, 'EACCES')) return;
  throw new PrerequisiteError(`${program} was not found or may not be run`, {
    code: 'PROGRAM_MISSING',
    why: 'It is not on the PATH of this process.',
    actions: [`Install ${program} and make sure that \`${program} --version\` works in this terminal`],
    cause: result.cause,
  });
}
