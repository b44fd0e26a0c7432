import { join } from 'node:path';
import { containerProcess } from '../platform/process/container.js';
import { runLambda } from './run-in-container.js';

// CloudWatch makes metrics of what is on stdout.
const stdout = 1;

const exitCode = await runLambda({
  ...containerProcess(stdout),
  root: import.meta.dirname,
  command: process.argv[2],
  threadEntry: join(import.meta.dirname, 'speech-thread.mjs'),
  onTrace: (traceId) => {
    if (traceId === undefined) delete process.env._X_AMZN_TRACE_ID;
    else process.env._X_AMZN_TRACE_ID = traceId;
  },
});
// Threads of the engine would keep it alive.
process.exit(exitCode);
