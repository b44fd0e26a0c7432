import { join } from 'node:path';
import { containerProcess } from '../platform/process/container.js';
import { runWorkerContainer } from './queue/run-in-container.js';

const stderr = 2;

process.exitCode = await runWorkerContainer({
  ...containerProcess(stderr),
  root: import.meta.dirname,
  threadEntry: join(import.meta.dirname, 'speech-thread.mjs'),
});
