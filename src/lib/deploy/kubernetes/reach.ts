import { OperationError } from '../../base/errors/mlops-error.js';
import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import type { Reachable } from '../target.js';
import { throwIfStopped } from './stopped.js';

/** A pod with one CPU is busy with these, and the tunnel is not the slower of the two. */
const tunnel = {
  connections: 16,
  why: 'Measured through a tunnel to one pod, so over at most 16 connections and without a minimum of right answers: errors are judged, not what the service can carry',
};

/**
 * A tunnel through the API server to a pod of the Service, for as long as `work` takes. It needs nothing but the cluster's
 * API: no address, no rule of a NetworkPolicy, no firewall. It goes through the API server and the kubelet, so what it says
 * about speed is a lower bound: one pod, and every connection a stream of one connection to the API server.
 */
export async function throughTunnel<T>(
  kubectl: Kubectl,
  service: string,
  work: (reachable: Reachable) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  throwIfStopped(stop);
  const process = await kubectl.start(['port-forward', `service/${service}`, ':http', '--address', '127.0.0.1']);
  const end = () => process.send('SIGTERM');
  stop.addEventListener('abort', end, { once: true });
  // An abort that came while it was started has called nobody.
  if (stop.aborted) end();
  try {
    for await (const row of process.stdoutLines) {
      const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(row)?.[1];
      if (port !== undefined) return await work({ url: `http://127.0.0.1:${port}`, headers: [], carries: tunnel });
    }
    throwIfStopped(stop);
    const { stderrTail } = await process.exited;
    const failure = kubectl.failure('Opening a tunnel to the pods', { stderr: stderrTail });
    if (failure.code !== 'REFUSED') throw failure;
    throw new OperationError('No tunnel to the pods could be opened', {
      code: 'TUNNEL_FAILED',
      why: stderrTail.trim(),
    });
  } finally {
    stop.removeEventListener('abort', end);
    await process.stop();
  }
}
