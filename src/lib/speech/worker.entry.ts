import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadStart } from './workers/messages.js';
import { serveThread } from './workers/serve-thread.js';

if (parentPort !== null) await serveThread(parentPort, workerData as ThreadStart);
