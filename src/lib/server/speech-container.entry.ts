import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { thisMachine } from '../platform/process/machine.js';
import { watchSignals } from '../platform/process/signals.js';
import { runSpeechContainer } from './container/run-speech.js';

const stderr = 2;

// Process 1 of the container: a signal that nobody handles would do nothing there.
const { signal } = watchSignals();
process.exitCode = await runSpeechContainer({
  root: import.meta.dirname,
  env: process.env,
  stop: signal,
  logTarget: stderr,
  writeLine: (line) => writeSync(stderr, `${line}\n`),
  threadEntry: join(import.meta.dirname, 'speech-thread.mjs'),
  machine: thisMachine(),
});
