import type { Step } from '../../base/progress/reporter.js';
import { colours } from '../colours.js';
import type { CliReporter } from './create.js';

/** A log is not a terminal: live text appears at most this often. */
const updateEveryMs = 10_000;

/** One line when a step starts, one when it ends, and its live text every ten seconds. */
export function createLineReporter(stream: NodeJS.WriteStream, options: { json: boolean }): CliReporter {
  const paint = colours(stream, options);
  const write = (line: string) => void stream.write(`${line}\n`);
  return {
    step(title: string): Step {
      let shownAt = performance.now();
      write(`- ${title}`);
      return {
        update(text) {
          if (performance.now() - shownAt < updateEveryMs) return;
          shownAt = performance.now();
          write(`  ${text}`);
        },
        succeed: (text) => write(`${paint('green', '✔')} ${text ?? title}`),
        fail: (text) => write(`${paint('red', '✖')} ${text ?? title}`),
      };
    },
    settled: async () => {},
    note: (message) => write(message),
    warn: (message) => write(`${paint('yellow', 'Warning:')} ${message}`),
  };
}
