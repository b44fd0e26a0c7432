import { connect } from 'node:net';
import { join } from 'node:path';
import type { Environment } from '../../base/variables.js';
import { readResolvedServing, resolvedFileName } from '../../project/resolved.js';
import { urlOf } from '../listen.js';
import { containerEndpoint } from './endpoint.js';

/**
 * What Docker's HEALTHCHECK runs: 0 when the server of this container is ready for traffic, 1 when it is not. It needs
 * no curl, which slim images do not have. Docker shows the line that it writes in `docker inspect`.
 */
export async function checkHealth(context: {
  readonly root: string;
  readonly env: Environment;
  readonly timeoutMs: number;
  readonly writeLine: (line: string) => void;
}): Promise<0 | 1> {
  try {
    const resolved = await readResolvedServing(join(context.root, resolvedFileName));
    const { hostname, port, href } = new URL('/readyz', urlOf(containerEndpoint(resolved, context.env)));
    const status = await statusOf(
      { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) },
      context.timeoutMs,
    );
    context.writeLine(`${href} answers ${status}`);
    return status === 200 ? 0 : 1;
  } catch (error) {
    context.writeLine(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/**
 * One request over a bare socket: this is a new Node.js process every time, inside of the limits of the container, and
 * `node:http` costs it as much again as starting does.
 */
function statusOf({ host, port }: { host: string; port: number }, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host, port, timeout: timeoutMs }, () => {
      socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
      const status = /^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1];
      if (status === undefined && answer.length < 100) return;
      socket.destroy();
      resolve(Number(status ?? 0));
    });
    socket.on('timeout', () => socket.destroy(new Error(`it did not answer within ${timeoutMs / 1000} s`)));
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('it closed the connection without an answer')));
  });
}
