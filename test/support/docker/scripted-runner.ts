import type { ProcessRunner, RunOptions, RunResult } from '../../../src/lib/platform/process/runner.js';

export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: RunOptions;
}

type Answer = Partial<RunResult>;

/** A runner that runs nothing: `answer` says what a program would have said, and every call is kept. */
export function scriptedRunner(
  answer: (args: readonly string[], call: Call) => Answer | Promise<Answer>,
): ProcessRunner & { readonly calls: Call[] } {
  const calls: Call[] = [];
  const ask = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
    const call = { program, args, options };
    calls.push(call);
    return { exitCode: 0, stdout: '', stderr: '', ...(await answer(args, call)) };
  };
  return {
    calls,
    run: ask,
    start: async (program, args, options = {}) => {
      const { exitCode, stdout, stderr } = await ask(program, args, options);
      for (const line of stderr.split('\n')) options.onStderrLine?.(line);
      return {
        pid: 1,
        stdoutLines: (async function* () {
          yield* stdout.split('\n');
        })(),
        stdoutBytes: (async function* () {
          yield Buffer.from(stdout);
        })(),
        exited: Promise.resolve({ exitCode, stderrTail: stderr }),
        send: () => undefined,
        stop: async () => undefined,
      };
    },
  };
}
