import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError } from '../base/errors/describe.js';
import { OperationError } from '../base/errors/mlops-error.js';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a port is for, and the flag that names it. */
const purposes = {
  service: { port: 'Port', flag: '--port', example: 8080 },
  metrics: { port: 'The metrics port', flag: '--metrics-port', example: 9090 },
} as const;
export type PortPurpose = keyof typeof purposes;

/** Connections that may wait to be accepted, as far as the kernel allows: a burst is not refused. */
const backlog = 4_096;

/**
 * Puts a server on a port and returns the port, which is a free one when 0 was asked for.
 * Throws OperationError `PORT_IN_USE`, `PORT_NOT_ALLOWED`, `HOST_UNKNOWN`, `HOST_NOT_LOCAL` or `LISTEN_FAILED`.
 */
export function listen(server: Server, endpoint: Endpoint, purpose: PortPurpose = 'service'): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenError(error, endpoint, purpose));
    server.once('error', fail);
    server.listen({ host: endpoint.host, port: endpoint.port, backlog }, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Where a client on this machine reaches the server; one that listens on all addresses is reached on loopback too. */
export function urlOf({ host, port }: Endpoint): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function listenError(error: Error, { host, port }: Endpoint, purpose: PortPurpose): OperationError {
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const why = describeError(error);
  const { port: thePort, flag, example } = purposes[purpose];
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new OperationError(`${thePort} ${port} is in use`, {
        code: 'PORT_IN_USE',
        why: `Another program listens on ${at}.`,
        actions: [`mlops serve ${flag} 0 picks a free port`, `Stop the other program: lsof -i :${port}`],
        cause: error,
      });
    case 'EACCES':
      return new OperationError(`${thePort} ${port} may not be used`, {
        code: 'PORT_NOT_ALLOWED',
        why: `The system does not let this user listen on ${at}: ports below 1024 are for root.`,
        actions: [`mlops serve ${flag} ${example}`, `mlops serve ${flag} 0 picks a free port`],
        cause: error,
      });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new OperationError(`The host '${host}' is not known`, {
        code: 'HOST_UNKNOWN',
        why,
        actions: ['mlops serve --host 127.0.0.1', 'mlops serve --host 0.0.0.0 listens on all addresses'],
        cause: error,
      });
    case 'EADDRNOTAVAIL':
      return new OperationError(`${host} is not an address of this machine`, {
        code: 'HOST_NOT_LOCAL',
        why,
        actions: ['mlops serve --host 127.0.0.1', 'mlops serve --host 0.0.0.0 listens on all addresses'],
        cause: error,
      });
    default:
      return new OperationError(`The server cannot listen on ${at}`, { code: 'LISTEN_FAILED', why, cause: error });
  }
}
