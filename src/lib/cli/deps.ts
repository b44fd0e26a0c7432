import { createProcessRunner, type ProcessRunner } from '../platform/process/runner.js';
import { type CliReporter, createReporter } from './reporter/create.js';

/** Everything outside that commands hand to the library: built here and nowhere else, so that a test hands in its own. */
export interface Deps {
  readonly reporter: CliReporter;
  readonly runner: ProcessRunner;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stderrIsTty: boolean;
}

export function createDeps(options: { json: boolean }): Deps {
  return {
    reporter: createReporter({ stream: process.stderr, json: options.json, env: process.env }),
    runner: createProcessRunner(),
    cwd: process.cwd(),
    env: process.env,
    stderrIsTty: process.stderr.isTTY === true,
  };
}
