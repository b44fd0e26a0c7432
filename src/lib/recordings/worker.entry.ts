import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { thisMachine } from '../platform/process/machine.js';
import { watchSignals } from '../platform/process/signals.js';
import { runWorkerContainer } from './queue/run-in-container.js';

const stderr = 2;

// Process 1 of the container: a signal that nobody handles would do nothing there.
const { signal } = watchSignals();
process.exitCode = await runWorkerContainer({
  root: import.meta.dirname,
  env: process.env,
  stop: signal,
  writeLine: (line) => writeSync(stderr, `${line}\n`),
  threadEntry: join(import.meta.dirname, 'speech-thread.mjs'),
  machine: thisMachine(),
});
