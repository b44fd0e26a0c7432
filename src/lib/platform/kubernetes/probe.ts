import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describeError } from '../../base/errors/describe.js';

/** Connects and shakes hands, no more: undefined when something answers there in TLS, else why not. */
export async function probeTls(
  url: string,
  options: { timeoutMs: number; serverName?: string | undefined; signal?: AbortSignal },
): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connectTcp({ host, port: Number(port || 443) });
  try {
    return await new Promise<string | undefined>((resolve) => {
      const seconds = options.timeoutMs / 1000;
      const timer = setTimeout(() => resolve(`no answer from ${hostname} within ${seconds} s`), options.timeoutMs);
      const fail = (error: unknown) => resolve(describeError(error));
      const stop = () => resolve('interrupted');
      options.signal?.addEventListener('abort', stop, { once: true });
      if (options.signal?.aborted === true) stop();
      socket.once('error', fail);
      socket.once('connect', () => {
        // Whether the certificate is the right one, kubectl finds out: it has the authority of the cluster.
        const name = options.serverName ?? host;
        const secure = connectTls({
          socket,
          rejectUnauthorized: false,
          ...(/[a-z]/i.test(name) ? { servername: name } : {}),
        });
        secure.once('error', fail).once('secureConnect', () => resolve(undefined));
      });
      socket.once('close', () => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', stop);
        resolve('the connection was closed');
      });
    });
  } finally {
    socket.destroy();
  }
}
