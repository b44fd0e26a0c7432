import type { Reporter } from '../../base/progress/reporter.js';
import { createLineReporter } from './lines.js';
import { createTerminalReporter } from './terminal.js';

/** What the terminal side needs beyond reporting: to know when everything reported so far is on the screen. */
export interface CliReporter extends Reporter {
  settled(): Promise<void>;
}

export interface ReporterOptions {
  readonly stream: NodeJS.WriteStream;
  readonly json: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** Live steps where a person watches a terminal; one line per step in CI, in a pipe and under `--json`. */
export function createReporter(options: ReporterOptions): CliReporter {
  return isLive(options) ? createTerminalReporter(options.stream) : createLineReporter(options.stream, options);
}

function isLive({ stream, json, env }: ReporterOptions): boolean {
  // A pseudo-terminal that was given no size says 0 columns: live text would wrap after every character.
  return stream.isTTY === true && stream.columns > 0 && !json && !isCi(env) && env.TERM !== 'dumb';
}

/** `CI=false` and `CI=0` mean no, as in the tools people know. */
function isCi(env: NodeJS.ProcessEnv): boolean {
  return env.CI !== undefined && env.CI !== '' && env.CI !== 'false' && env.CI !== '0';
}
