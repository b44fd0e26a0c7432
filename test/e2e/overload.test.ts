import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RawConnection, rawPost } from '../support/raw-http.js';
import { scrape, startServe } from '../support/serve-process.js';
import { tempDir } from '../support/temp-dir.js';

const request = rawPost(JSON.stringify({ array: Array<number>(37).fill(0) }));
const connections = 2_500;
const answers = 30_000;
const slice = 3_000;

describe('mlops serve with more clients than its queue has places', () => {
  it('goes on answering, however soon those that are refused come back', { timeout: 60_000 }, async () => {
    const dir = await tempDir();
    await writeFile(join(dir, 'mlops.yaml'), 'serve:\n  limits:\n    queue: 256\n');
    const { url, port, child, exited } = await startServe(['--log-level', 'silent'], dir);
    const statuses = await hammer(port);
    const right = Array.from(
      { length: answers / slice },
      (_, index) => statuses.slice(index * slice, (index + 1) * slice).filter((status) => status === 200).length,
    );
    expect(right.filter((count) => count === 0)).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(await scrape(url, 'mlops_in_flight')).toBe(0);
    child.kill('SIGINT');
    expect(await exited).toEqual({ code: 0, signal: null });
  });
});

/** Each client sends its next request as soon as it has an answer. The statuses in the order of the answers. */
function hammer(port: number): Promise<number[]> {
  const statuses: number[] = [];
  return new Promise((resolve) => {
    for (let client = 0; client < connections; client++) {
      const connection = new RawConnection(port).send(request);
      connection.socket.on('data', () => {
        const [status] = connection.statuses;
        if (status === undefined || connection.bodies.length === 0) return;
        connection.received = '';
        if (statuses.push(status) < answers) connection.send(request);
        else resolve(statuses.slice(0, answers));
      });
    }
  });
}
