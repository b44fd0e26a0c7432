import { get } from 'node:http';
import { join } from 'node:path';
import { readResolvedServing, resolvedFileName } from '../../project/resolved.js';
import { urlOf } from '../listen.js';
import { containerEndpoint, type Environment } from './settings.js';

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
    const url = `${urlOf(containerEndpoint(resolved, context.env))}/readyz`;
    const status = await statusOf(url, context.timeoutMs);
    context.writeLine(`${url} answers ${status}`);
    return status === 200 ? 0 : 1;
  } catch (error) {
    context.writeLine(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function statusOf(url: string, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer within ${timeoutMs / 1000} s`)));
    request.on('error', reject);
  });
}
