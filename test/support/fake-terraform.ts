import type { ProcessRunner, RunOptions, RunResult } from '../../src/lib/platform/process/runner.js';

export interface FakeCall {
  readonly args: readonly string[];
  readonly options: RunOptions;
  /** Resolves with the first signal that is sent. */
  readonly signalled: Promise<NodeJS.Signals>;
}

type Answer = Partial<RunResult> | Promise<Partial<RunResult>>;

/** A terraform whose answers a test writes, by subcommand; what a test does not name succeeds and says nothing. */
export function fakeTerraform(answers: Readonly<Record<string, (call: FakeCall) => Answer>> = {}) {
  const calls: FakeCall[] = [];
  const signals: NodeJS.Signals[] = [];
  const defaults: Record<string, () => Answer> = {
    version: () => ({ stdout: '{"terraform_version":"1.11.4"}' }),
    validate: () => ({ stdout: '{"diagnostics":[]}' }),
    output: () => ({ stdout: '{}' }),
    show: () => ({ stdout: '{}' }),
  };
  const answer = async (args: readonly string[], options: RunOptions = {}, signalled: Promise<NodeJS.Signals>) => {
    const call = { args, options, signalled };
    calls.push(call);
    const [command = ''] = args;
    const given = await (answers[command] ?? defaults[command])?.(call);
    return { exitCode: 0, stdout: '', stderr: '', ...given };
  };
  const runner: ProcessRunner = {
    run: async (program, args, options) => {
      if (program !== 'terraform') throw new Error(`A test started ${program}`);
      return await answer(args, options, new Promise(() => {}));
    },
    start: async (program, args, options) => {
      if (program !== 'terraform') throw new Error(`A test started ${program}`);
      let signal: (name: NodeJS.Signals) => void = () => {};
      const signalled = new Promise<NodeJS.Signals>((resolve) => {
        signal = resolve;
      });
      const outcome = answer(args, options, signalled);
      async function* lines() {
        const { stdout } = await outcome;
        if (stdout !== '') yield* stdout.split('\n');
      }
      return {
        pid: 1,
        stdoutLines: lines(),
        stdoutBytes: (async function* () {})(),
        exited: outcome.then(({ exitCode, stderr }) => ({ exitCode, stderrTail: stderr })),
        send: (name) => {
          signals.push(name);
          signal(name);
        },
        stop: async () => {},
      };
    },
  };
  const commands = () => calls.map(({ args }) => args.slice(0, args[0] === 'state' ? 2 : 1).join(' '));
  return { runner, calls, signals, commands };
}
