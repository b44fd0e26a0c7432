import { InterruptedError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner, RunOptions, RunResult } from '../process/runner.js';
import { dockerFailure } from './errors.js';

export interface DockerSettings {
  readonly runner: ProcessRunner;
  /** The environment that decides which daemon and which builder are used. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of a configuration other than the user's. */
  readonly configDir?: string;
}

export interface CallOptions {
  /** What it is for, as in `Docker could not <what>`. */
  readonly what: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

export interface StreamResult {
  readonly succeeded: boolean;
  /** The last lines of stdout, then those of stderr: the cause of a failure is the last one. */
  readonly output: string;
}

const keptLines = 100;

/** Calls of the docker program. */
export class DockerClient {
  readonly settings: DockerSettings;

  constructor(settings: DockerSettings) {
    this.settings = settings;
  }

  /** Runs to the end, whatever comes of it. */
  async attempt(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await this.settings.runner.run('docker', [...this.#config(), ...args], options);
  }

  /** Runs to the end and returns stdout; a failure throws unless `allow` matches what stderr says: then undefined. */
  async call(args: readonly string[], options: CallOptions & { readonly allow: RegExp }): Promise<string | undefined>;
  async call(args: readonly string[], options: CallOptions): Promise<string>;
  async call(
    args: readonly string[],
    { what, allow, input, env, signal }: CallOptions & { readonly allow?: RegExp },
  ): Promise<string | undefined> {
    const { exitCode, stdout, stderr } = await this.attempt(args, {
      ...(input === undefined ? {} : { input }),
      ...(env === undefined ? {} : { env }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (exitCode === 0) return stdout;
    if (signal?.aborted === true) throw new InterruptedError();
    if (allow?.test(stderr) === true) return undefined;
    throw dockerFailure(what, stderr);
  }

  /** Runs long work and hands over each line as it comes. Throws InterruptedError when `signal` aborts. */
  async stream(
    args: readonly string[],
    { onLine, env, signal }: Omit<CallOptions, 'what' | 'input'> & { readonly onLine: (line: string) => void },
  ): Promise<StreamResult> {
    const stdout: string[] = [];
    const stderr: string[] = [];
    const take = (kept: string[]) => (line: string) => {
      kept.push(line);
      if (kept.length > keptLines) kept.shift();
      onLine(line);
    };
    const running = await this.settings.runner.start('docker', [...this.#config(), ...args], {
      onStderrLine: take(stderr),
      ...(env === undefined ? {} : { env }),
      ...(signal === undefined ? {} : { signal }),
    });
    const takeStdout = take(stdout);
    for await (const line of running.stdoutLines) takeStdout(line);
    const { exitCode } = await running.exited;
    if (signal?.aborted === true) throw new InterruptedError();
    return { succeeded: exitCode === 0, output: [...stdout, ...stderr].join('\n') };
  }

  #config(): string[] {
    return this.settings.configDir === undefined ? [] : ['--config', this.settings.configDir];
  }
}
