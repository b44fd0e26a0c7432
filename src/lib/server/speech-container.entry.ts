import { join } from 'node:path';
import { containerProcess } from '../platform/process/container.js';
import { runSpeechContainer } from './container/run-speech.js';

const stderr = 2;

process.exitCode = await runSpeechContainer({
  ...containerProcess(stderr),
  root: import.meta.dirname,
  threadEntry: join(import.meta.dirname, 'speech-thread.mjs'),
});
