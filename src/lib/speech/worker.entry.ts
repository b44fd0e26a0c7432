import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadFiles } from './workers/messages.js';
import { serveThread } from './workers/serve-thread.js';

if (parentPort !== null) await serveThread(parentPort, workerData as ThreadFiles);
