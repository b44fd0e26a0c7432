import type { Confirm } from '../base/progress/confirm.js';
import type { Line } from '../base/text/line.js';
import { createConfirm } from './confirm.js';
import type { Deps } from './deps.js';
import { paintLines } from './lines.js';

/** What a feature needs to ask a person: a question, and a way to show before it what it is about. */
export function createAsking(
  { reporter, env }: Pick<Deps, 'reporter' | 'env'>,
  options: { readonly assumeYes: boolean; readonly json: boolean; readonly signal: AbortSignal },
): { readonly confirm: Confirm; readonly show: (lines: readonly Line[]) => Promise<void> } {
  return {
    confirm: createConfirm({ ...options, env }),
    show: async (lines) => {
      await reporter.settled();
      process.stderr.write(`${paintLines(lines, process.stderr, { json: options.json })}\n`);
    },
  };
}
