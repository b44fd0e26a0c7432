import { join } from 'node:path';
import { containerProcess } from '../platform/process/container.js';
import { runContainer } from './container/run.js';

const stderr = 2;

process.exitCode = await runContainer({
  ...containerProcess(stderr),
  root: import.meta.dirname,
  workerEntry: join(import.meta.dirname, 'worker.mjs'),
});
