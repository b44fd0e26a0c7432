import type { Confirm } from '../base/progress/confirm.js';
import type { Reporter } from '../base/progress/reporter.js';
import type { Line } from '../base/text/line.js';
import { createConfirm } from './confirm.js';
import { paintLines } from './lines.js';

interface Terminal {
  /** `--yes` */
  readonly assumeYes: boolean;
  readonly json: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly reporter: Reporter & { settled(): Promise<void> };
  /** Aborted by the first signal, while a question waits too. */
  readonly signal: AbortSignal;
}

/** How a command that changes things shows on stderr what it is about to do, and asks for it. */
export function askAndShow({ assumeYes, json, env, reporter, signal }: Terminal): {
  readonly confirm: Confirm;
  readonly show: (lines: readonly Line[]) => Promise<void>;
} {
  return {
    confirm: createConfirm({ assumeYes, json, env, signal }),
    show: async (lines) => {
      await reporter.settled();
      process.stderr.write(`${paintLines(lines, process.stderr, { json })}\n`);
    },
  };
}
