import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { FromWorker } from './messages.js';
import type { WorkerProcess } from './pool.js';

const ownEntry = fileURLToPath(new URL('../worker.entry.js', import.meta.url));

/**
 * Worker processes of `node:cluster`: the primary accepts connections and hands them out in turn, so the port is shared
 * and the workers get even shares. Workers end by themselves when this process is gone, however it ended.
 */
export function clusterWorkers(entry = ownEntry): () => WorkerProcess {
  cluster.setupPrimary({ exec: entry, args: [] });
  return () => {
    const worker = cluster.fork();
    // A message to a worker that is ending fails: its exit says all there is to say.
    worker.on('error', () => undefined);
    return {
      id: worker.id,
      pid: worker.process.pid,
      send: (message) => {
        if (worker.isConnected()) worker.send(message, () => undefined);
      },
      onMessage: (listener) => void worker.on('message', (message: FromWorker) => listener(message)),
      onExit(listener) {
        worker.once('exit', (code, signal) => {
          // Its last messages may be read later than its exit is seen.
          if (worker.isConnected()) worker.once('disconnect', () => listener(signal ?? code));
          else listener(signal ?? code);
        });
      },
      kill: () => void worker.process.kill('SIGKILL'),
    };
  };
}
