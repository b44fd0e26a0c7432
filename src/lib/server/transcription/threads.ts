import type { Machine } from '../../platform/process/machine.js';

/** Measured at work on half an hour of speech: the server itself, and what each thread has of the model and its tensors. */
const serverBytes = 150 * 2 ** 20;
const threadBytes = 300 * 2 ** 20;

/** As many recordings at once as there are cores, unless the memory has room for fewer; at least one. */
export function defaultThreads({ cores, memoryBytes }: Machine): number {
  return Math.max(1, Math.min(cores, Math.floor((memoryBytes - serverBytes) / threadBytes)));
}
