import { createInterface } from 'node:readline/promises';
import { InterruptedError, UsageError } from '../base/errors/mlops-error.js';
import type { Confirm } from '../base/progress/confirm.js';

export interface ConfirmOptions {
  /** `--yes`: every question is answered. */
  readonly assumeYes: boolean;
  readonly json: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGTERM while a question waits. */
  readonly signal?: AbortSignal;
  /** Where the person is: stdin and stderr, because stdout is for the result. */
  readonly input?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export function createConfirm(options: ConfirmOptions): Confirm {
  const ask = async (question: string) => {
    refuseUnattended(options);
    return await prompt(question, options);
  };
  return {
    requireAnswerable: () => {
      if (!options.assumeYes) refuseUnattended(options);
    },
    yes: async (question) => options.assumeYes || /^y(es)?$/i.test(await ask(`${question} [y/N] `)),
    typed: async (question, expected) => options.assumeYes || (await ask(`${question} `)) === expected,
  };
}

function refuseUnattended({ json, env, input = process.stdin, output = process.stderr }: ConfirmOptions): void {
  const ci = env.CI !== undefined && !['', '0', 'false'].includes(env.CI);
  if (input.isTTY === true && output.isTTY === true && !json && !ci) return;
  throw new UsageError('This needs a confirmation, and there is no terminal to ask on', {
    code: 'CONFIRMATION_REQUIRED',
    why: 'Nothing was changed.',
    actions: ['Add --dry-run to see what would happen', 'Add --yes to confirm in advance'],
  });
}

async function prompt(question: string, options: ConfirmOptions): Promise<string> {
  const { input = process.stdin, output = process.stderr, signal } = options;
  const terminal = createInterface({ input, output });
  const controller = new AbortController();
  // readline takes Ctrl-C for itself while it waits, so the process never sees that signal.
  terminal.on('SIGINT', () => controller.abort());
  terminal.on('close', () => controller.abort());
  const stop = () => controller.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    return (await terminal.question(question, { signal: controller.signal })).trim();
  } catch {
    output.write('\n');
    throw new InterruptedError('Interrupted before the confirmation', { why: 'Nothing was changed.' });
  } finally {
    signal?.removeEventListener('abort', stop);
    terminal.removeAllListeners('close');
    terminal.close();
  }
}
