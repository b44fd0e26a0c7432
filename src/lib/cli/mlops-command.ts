import { Command } from '@oclif/core/command';
import type { ExitCode } from '../base/errors/exit-codes.js';
import { watchSignals } from '../platform/process/signals.js';
import type { Project } from '../project/project.js';
import { createDeps, type Deps } from './deps.js';
import { reportError } from './report-error.js';

/**
 * Base of every command. `run()` returns the typed result, which is the `--json` document; text is printed with
 * `print()`. A streaming command prints its lines with `printJsonLine()` and returns undefined.
 */
export abstract class MlopsCommand<T> extends Command {
  static override enableJsonFlag = true;

  protected deps!: Deps;
  /** Set by a command that streams JSON lines: its error, if any, is the last line. */
  protected streamsJson = false;
  #signals: ReturnType<typeof watchSignals> | undefined;

  abstract override run(): Promise<T>;

  /** Aborts with the signal's name at the first Ctrl-C or SIGTERM; a second one ends the process at once (130). */
  protected get interrupt(): AbortSignal {
    this.#signals ??= watchSignals();
    return this.#signals.signal;
  }

  override async init(): Promise<void> {
    await super.init();
    this.deps = createDeps({ json: this.jsonEnabled() });
  }

  /** mlops.yaml of the working directory, or the defaults. */
  protected async project(): Promise<Project> {
    const { loadProject } = await import('../project/project.js');
    return loadProject(this.deps.cwd);
  }

  /** For verdicts: the result is printed as usual and the process ends with this code. */
  protected setExitCode(code: ExitCode): void {
    process.exitCode = code;
  }

  /** Result text on stdout, after all progress is on the screen; nothing under `--json`. */
  protected async print(text: string): Promise<void> {
    if (this.jsonEnabled()) return;
    await this.deps.reporter.settled();
    process.stdout.write(`${text}\n`);
  }

  /** One line of a streaming command's JSON. */
  protected printJsonLine(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  override async catch(error: Error): Promise<void> {
    await this.deps?.reporter.settled();
    process.exitCode = reportError(error, { json: this.jsonEnabled(), lines: this.streamsJson });
  }

  override async finally(error: Error | undefined): Promise<void> {
    this.#signals?.dispose();
    await super.finally(error);
  }
}
