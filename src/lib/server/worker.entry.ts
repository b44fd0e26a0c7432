import cluster from 'node:cluster';
import { runWorker } from './workers/worker.js';

// Ctrl-C in a terminal reaches the whole process group. Workers stop when the primary process tells them to.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

if (cluster.worker) process.exit(await runWorker(cluster.worker));
