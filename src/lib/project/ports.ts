import { UsageError } from '../base/errors/mlops-error.js';

/** Where a container listens unless it is told otherwise: 0 asks for a free port, which nobody outside would know. */
export const containerPorts = { service: 8080, metrics: 9090 } as const;

/** Throws UsageError `PORTS_EQUAL`. Two times 0 are two free ports. */
export function refuseEqualPorts(port: number, metricsPort: number | undefined): void {
  if (port !== metricsPort || port === 0) return;
  throw new UsageError(`Port ${port} is both that of the service and that of the metrics`, {
    code: 'PORTS_EQUAL',
    why: 'A metrics port of its own is one that only monitoring has to reach.',
    actions: [
      `Choose another one: --metrics-port, MLOPS_METRICS_PORT or serve.metricsPort`,
      'Without a metrics port, /metrics is on the port of the service (an image has one unless MLOPS_METRICS_PORT is empty)',
    ],
  });
}
