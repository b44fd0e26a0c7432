import type { ListrTaskWrapper } from 'listr2';
import type { Step } from '../../base/progress/reporter.js';
import { colours } from '../colours.js';
import type { CliReporter } from './create.js';

type Task = ListrTaskWrapper<unknown, never, never>;

/**
 * Spinners by listr2, on the given stream only (by default it writes to stdout, where the result belongs). Its own
 * signal listener is off: it ends the process at the first Ctrl-C, before the work could stop cleanly.
 */
export function createTerminalReporter(stream: NodeJS.WriteStream): CliReporter {
  const paint = colours(stream);
  let lastStep: TerminalStep | undefined;
  return {
    step(title) {
      lastStep = new TerminalStep(stream, title, lastStep?.shown);
      return lastStep;
    },
    settled: async () => lastStep?.shown,
    note: (message) => void stream.write(`${message}\n`),
    warn: (message) => void stream.write(`${paint('yellow', 'Warning:')} ${message}\n`),
  };
}

/** One listr2 run per step. listr2 loads while the work is already under way; what is said meanwhile is kept. */
class TerminalStep implements Step {
  #task: Task | undefined;
  #latest: string | undefined;
  /** Resolves when the step's last line is on the screen, so that a result is not printed into the middle of it. */
  readonly shown: Promise<void>;
  #settle!: (outcome: { failed: boolean; title: string }) => void;
  readonly #title: string;
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream, title: string, previous?: Promise<void>) {
    this.#title = title;
    this.#stream = stream;
    const ended = new Promise<{ failed: boolean; title: string }>((resolve) => {
      this.#settle = resolve;
    });
    this.shown = this.#show(ended, previous);
  }

  update(text: string): void {
    this.#latest = text;
    if (this.#task !== undefined) this.#task.output = text;
  }

  succeed(text?: string): void {
    this.#settle({ failed: false, title: text ?? this.#title });
  }

  fail(text?: string): void {
    this.#settle({ failed: true, title: text ?? this.#title });
  }

  async #show(ended: Promise<{ failed: boolean; title: string }>, previous?: Promise<void>): Promise<void> {
    await previous;
    const listr2 = await import('listr2');
    const work = async (_context: unknown, task: Task): Promise<void> => {
      this.#task = task;
      if (this.#latest !== undefined) task.output = this.#latest;
      const outcome = await ended;
      task.title = outcome.title;
      if (outcome.failed) throw new Error(outcome.title);
    };
    // listr2 asks stdout whether it is a terminal; here the question is put to `stream`, and it was answered before.
    class StreamRenderer extends listr2.DefaultRenderer {
      static override nonTTY = true;
    }
    const processOutput = new listr2.ProcessOutput(this.#stream, this.#stream);
    const list = new listr2.Listr<unknown, typeof StreamRenderer>([{ title: this.#title, task: work as never }], {
      renderer: StreamRenderer,
      registerSignalListeners: false,
      exitOnError: false,
      rendererOptions: {
        logger: new listr2.ListrLogger({ useIcons: true, toStderr: [], processOutput }),
        showErrorMessage: false,
      },
    });
    await list.run();
  }
}
