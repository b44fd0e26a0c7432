import type { Reporter } from './reporter.js';

/** A Reporter for the log of a container: a JSON line for each note and each step that has ended. */
export function createJsonReporter(writeLine: (line: string) => void): Reporter {
  const write = (level: 'info' | 'warn' | 'error', msg: string) => {
    const severity = level === 'warn' ? 'WARNING' : level.toUpperCase();
    writeLine(JSON.stringify({ level, severity, time: new Date().toISOString(), msg }));
  };
  return {
    step: (title) => ({
      update() {},
      succeed: (text = title) => write('info', text),
      fail: (text = title) => write('error', text),
    }),
    note: (message) => write('info', message),
    warn: (message) => write('warn', message),
  };
}
