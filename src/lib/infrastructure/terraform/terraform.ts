import { InterruptedError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner } from '../../platform/process/runner.js';
import type { Interrupts } from '../../platform/process/signals.js';
import { type Diagnostic, parseDiagnostic } from './diagnostics.js';
import { parseEvent, type TerraformEvent } from './events.js';
import { type FailureContext, terraformFailure } from './failure.js';

export interface TerraformSettings {
  readonly runner: ProcessRunner;
  readonly interrupts: Interrupts;
  /** Working folder: absolute, and as the user would type it. */
  readonly dir: string;
  readonly dirLabel: string;
  /** Added to the environment; the only way in which a secret reaches terraform. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes resolved secrets out of everything that terraform says. */
  readonly redact: (text: string) => string;
  readonly now: () => number;
}

export interface RunOutcome {
  readonly exitCode: number | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What it said beside its events: a crash, or a command without machine-readable output. */
  readonly text: string;
}

/** The part of a state file (version 4) that is read here. */
export interface RawState {
  readonly resources?: ReadonlyArray<{
    readonly mode: string;
    /** `module.network` */
    readonly module?: string;
    readonly type: string;
    readonly name: string;
    readonly instances?: ReadonlyArray<{
      readonly index_key?: string | number;
      readonly deposed?: string;
      readonly attributes?: Readonly<Record<string, unknown>>;
    }>;
  }>;
}

type OnEvent = (event: TerraformEvent) => void;

const automation = { TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' };
const textTailLines = 40;

/** The terraform program in one working folder. */
export class Terraform {
  readonly settings: TerraformSettings;

  constructor(settings: TerraformSettings) {
    this.settings = settings;
  }

  /** `migrate` copies the state from the former backend into the configured one. */
  async init(options: { migrate: boolean }): Promise<void> {
    // The two exclude each other: a migration answers in text.
    const mode = options.migrate ? ['-migrate-state', '-force-copy'] : ['-json'];
    await this.must('init', await this.#stream(['init', '-input=false', '-no-color', ...mode]));
  }

  async validate(): Promise<void> {
    const { stdout, stderr, exitCode } = await this.#capture(['validate', '-no-color', '-json']);
    const { diagnostics = [] } = readJson<{ diagnostics?: unknown[] }>(stdout) ?? {};
    await this.must('validate', { exitCode, diagnostics: diagnostics.map(parseDiagnostic), text: stderr });
  }

  /** Writes the plan to `file` and returns the warnings. */
  async plan(file: string, options: { destroy?: boolean }, onEvent: OnEvent): Promise<readonly Diagnostic[]> {
    const destroy = options.destroy === true ? ['-destroy'] : [];
    const args = ['plan', '-input=false', '-no-color', '-json', `-out=${file}`, ...destroy];
    const outcome = await this.must('plan', await this.#stream(args, onEvent));
    return outcome.diagnostics.filter(({ severity }) => severity === 'warning');
  }

  /** Applies exactly the plan in `file`. The caller judges the outcome: it knows what was done. */
  async apply(file: string, onEvent: OnEvent): Promise<RunOutcome> {
    return await this.#stream(['apply', '-input=false', '-no-color', '-json', file], onEvent);
  }

  /** A plan file in terraform's JSON format. */
  async show<T>(file: string): Promise<T> {
    return await this.#json<T>('show', ['show', '-no-color', '-json', file]);
  }

  async outputs<T>(): Promise<T> {
    return await this.#json<T>('output', ['output', '-no-color', '-json']);
  }

  /** The state as its backend holds it; undefined before there is one. No provider is asked. It may hold secrets. */
  async pullState(): Promise<RawState | undefined> {
    const { stdout, stderr, exitCode } = await this.#capture(['state', 'pull']);
    await this.must('state pull', { exitCode, diagnostics: [], text: stderr });
    return readJson<RawState>(stdout);
  }

  /** Takes resources out of the state; they go on existing. */
  async forget(addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    await this.must('state rm', await this.#stream(['state', 'rm', ...addresses]));
  }

  /** Throws the error that a failed run amounts to; returns a good one. */
  async must(operation: string, outcome: RunOutcome, done?: string): Promise<RunOutcome> {
    if (outcome.exitCode === 0) return outcome;
    if (this.settings.interrupts.stop.aborted) {
      throw new InterruptedError(`Interrupted during terraform ${operation}`, {
        why: 'Terraform changed nothing in this step.',
      });
    }
    const { dirLabel: dir, now } = this.settings;
    const context: FailureContext = {
      operation,
      dir,
      now: now(),
      output: outcome.text,
      ...(done === undefined ? {} : { done }),
    };
    // Commands without machine-readable output print their diagnostics as text.
    const textual = [{ severity: 'error', summary: outcome.text, detail: '' }].map(parseDiagnostic);
    throw terraformFailure(/Lock Info:/.test(outcome.text) ? textual : outcome.diagnostics, context);
  }

  async #stream(args: readonly string[], onEvent: OnEvent = () => {}): Promise<RunOutcome> {
    const { runner, interrupts, dir, redact } = this.settings;
    if (interrupts.stop.aborted) throw new InterruptedError('Interrupted', { why: 'Nothing more was begun.' });
    // A process group of its own: the terminal's Ctrl-C does not reach it, so it gets exactly the one that is sent here.
    // A second one would make it drop its work and its lock.
    const terraform = await runner.start('terraform', args, { cwd: dir, env: this.#env(), survives: true });
    const interrupt = () => terraform.send('SIGINT');
    interrupts.stop.addEventListener('abort', interrupt);
    interrupts.giveUp.addEventListener('abort', interrupt);
    if (interrupts.stop.aborted) interrupt();
    const diagnostics: Diagnostic[] = [];
    const text: string[] = [];
    try {
      for await (const line of terraform.stdoutLines) {
        const event = parseEvent(redact(line));
        if (event.type === 'diagnostic') diagnostics.push(event.diagnostic);
        if (event.type === 'other' && !line.startsWith('{')) text.push(event.message);
        onEvent(event);
      }
      const { exitCode, stderrTail } = await terraform.exited;
      const said = [...text.slice(-textTailLines), redact(stderrTail)].join('\n').trim();
      return { exitCode, diagnostics, text: said };
    } finally {
      interrupts.stop.removeEventListener('abort', interrupt);
      interrupts.giveUp.removeEventListener('abort', interrupt);
    }
  }

  async #json<T>(operation: string, args: readonly string[]): Promise<T> {
    const { stdout, stderr, exitCode } = await this.#capture(args);
    await this.must(operation, { exitCode, diagnostics: [], text: stderr });
    return JSON.parse(stdout) as T;
  }

  async #capture(args: readonly string[]) {
    const { runner, dir, redact } = this.settings;
    const { stdout, stderr, exitCode } = await runner.run('terraform', args, { cwd: dir, env: this.#env() });
    return { stdout, stderr: redact(stderr), exitCode };
  }

  #env() {
    return { ...this.settings.env, ...automation };
  }
}

function readJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
