import { parentPort, workerData } from 'node:worker_threads';
import { openShard } from './engine/open-shard.js';
import type { ShardConfig } from './shard.js';
import { serveThread } from './thread.js';

if (parentPort !== null) await serveThread(parentPort, workerData as ShardConfig, openShard);
