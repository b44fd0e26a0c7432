import { InterruptedError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner, RunningProcess, RunOptions, RunResult } from '../process/runner.js';
import type { ClusterAccess } from './access.js';
import { isConnectionFailure, kubectlFailure } from './failure.js';

/** kubectl speaks server-side apply and the WebSockets of port-forward well from here on. */
const oldestMinor = 28;
/** For one request to the API, in seconds: a dead connection is not waited for. */
const requestTimeoutS = 20;

export interface KubectlCall {
  /** Standard input; without it stdin is empty, so that kubectl can never ask. */
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Asks again when the connection fails: for calls that may be repeated. */
  readonly retries?: number;
  /** Ends kubectl after this time: it tries a broken connection again for half a minute on its own. */
  readonly timeoutMs?: number;
}

export interface KubectlOptions {
  readonly runner: ProcessRunner;
  readonly access: ClusterAccess;
  readonly namespace: string;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Told when a call is tried again. */
  readonly onRetry?: (why: string) => void;
}

/** The one door to kubectl: always with the access of one cluster and one namespace. */
export class Kubectl {
  readonly namespace: string;
  readonly access: ClusterAccess;
  readonly #options: KubectlOptions;

  constructor(options: KubectlOptions) {
    this.#options = options;
    this.namespace = options.namespace;
    this.access = options.access;
  }

  /** Whatever kubectl says. Throws only when kubectl is missing, or was ended by `signal` or from outside. */
  async run(args: readonly string[], call: KubectlCall = {}): Promise<RunResult> {
    const { retries = 0, signal } = call;
    for (let attempt = 0; ; attempt++) {
      const result = await this.#once(args, call);
      // Ctrl-C in a terminal reaches kubectl as well, and ends it without an exit code.
      if (signal?.aborted === true || result.exitCode === undefined) throw new InterruptedError();
      if (result.exitCode === 0 || attempt >= retries || !isConnectionFailure(result.stderr)) return result;
      this.#options.onRetry?.(
        `The connection to ${this.access.place} failed, trying again (${attempt + 1} of ${retries})`,
      );
      await this.#options.sleep(1000 * 2 ** attempt, signal);
    }
  }

  /** stdout of a call that has to succeed. Throws what `kubectlFailure` makes of its stderr; `doing` names the work. */
  async text(doing: string, args: readonly string[], call?: KubectlCall): Promise<string> {
    const result = await this.run(args, call);
    if (result.exitCode !== 0) throw this.failure(doing, result);
    return result.stdout;
  }

  /** `kubectl get ... -o json`. Reading is repeated when the connection fails. */
  async get<T>(doing: string, args: readonly string[], call?: KubectlCall): Promise<T> {
    return JSON.parse(await this.text(doing, ['get', ...args, '-o', 'json'], { retries: 3, ...call })) as T;
  }

  /** As `get`, undefined when it does not exist. */
  async find<T>(doing: string, args: readonly string[], call?: KubectlCall): Promise<T | undefined> {
    const all = ['get', ...args, '--ignore-not-found', '-o', 'json'];
    const text = await this.text(doing, all, { retries: 3, ...call });
    return text.trim() === '' ? undefined : (JSON.parse(text) as T);
  }

  /** Starts one that goes on, such as port-forward. */
  async start(args: readonly string[]): Promise<RunningProcess> {
    const { all, options } = await this.#prepare(args);
    return await this.#options.runner.start('kubectl', all, options);
  }

  failure(doing: string, { stderr }: Pick<RunResult, 'stderr'>) {
    return kubectlFailure(doing, stderr, this.access);
  }

  async #once(args: readonly string[], { input, signal, timeoutMs }: KubectlCall): Promise<RunResult> {
    const { all, options } = await this.#prepare(args);
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const ends = [signal, timeout].filter((one) => one !== undefined);
    const result = await this.#options.runner.run('kubectl', [...all, `--request-timeout=${requestTimeoutS}s`], {
      ...options,
      ...(input === undefined ? {} : { input }),
      ...(ends.length === 0 ? {} : { signal: AbortSignal.any(ends) }),
    });
    if (result.exitCode !== undefined || timeout?.aborted !== true) return result;
    return {
      ...result,
      exitCode: 1,
      stderr: `Unable to connect to the server: no answer within ${(timeoutMs ?? 0) / 1000} s`,
    };
  }

  async #prepare(args: readonly string[]): Promise<{ all: string[]; options: RunOptions }> {
    const { args: access, env } = await this.access.credentials();
    // What makes kubectl behave otherwise than we know it is switched off.
    const options = { env: { ...env, KUBECTL_EXTERNAL_DIFF: 'diff -u -N', KUBECTL_APPLYSET: 'false', KUBERC: 'off' } };
    return { all: [...args, ...access, '--namespace', this.namespace], options };
  }
}

/** Throws PrerequisiteError when kubectl is missing (`PROGRAM_MISSING`) or too old (`KUBECTL_TOO_OLD`). */
export async function requireKubectl(runner: ProcessRunner): Promise<void> {
  const { stdout } = await runner.run('kubectl', ['version', '--client', '-o', 'json']);
  const match = /"gitVersion":\s*"v(\d+)\.(\d+)/.exec(stdout);
  const [major, minor] = [Number(match?.[1] ?? 1), Number(match?.[2] ?? oldestMinor)];
  if (major > 1 || minor >= oldestMinor) return;
  throw new PrerequisiteError(`kubectl ${major}.${minor} is too old: 1.${oldestMinor} is the oldest that works here`, {
    code: 'KUBECTL_TOO_OLD',
    actions: ['Install a current one: https://kubernetes.io/docs/tasks/tools/'],
  });
}
