import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { thisMachine } from '../platform/process/machine.js';
import { watchSignals } from '../platform/process/signals.js';
import { runLambda } from './run-in-container.js';

const stdout = 1;

const { signal } = watchSignals();
const exitCode = await runLambda({
  root: import.meta.dirname,
  env: process.env,
  command: process.argv[2],
  stop: signal,
  // CloudWatch makes metrics of what is on stdout.
  writeLine: (line) => writeSync(stdout, `${line}\n`),
  threadEntry: join(import.meta.dirname, 'speech-thread.mjs'),
  machine: thisMachine(),
  onTrace: (traceId) => {
    if (traceId === undefined) delete process.env._X_AMZN_TRACE_ID;
    else process.env._X_AMZN_TRACE_ID = traceId;
  },
});
// Threads of the engine would keep it alive.
process.exit(exitCode);
