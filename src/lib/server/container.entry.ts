import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { watchSignals } from '../platform/process/signals.js';
import { runContainer } from './container/run.js';

const stderr = 2;

// Process 1 of the container: a signal that nobody handles would do nothing there.
const { signal } = watchSignals();
process.exitCode = await runContainer({
  root: import.meta.dirname,
  env: process.env,
  stop: signal,
  logTarget: stderr,
  writeLine: (line) => writeSync(stderr, `${line}\n`),
  workerEntry: join(import.meta.dirname, 'worker.mjs'),
});
