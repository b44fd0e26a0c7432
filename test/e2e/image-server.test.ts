import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { predictorOf } from '../../src/lib/image/context/image-model.js';
import { inspectModel } from '../../src/lib/model/open.js';
import { askGolden, goldenLabels } from '../support/docker/golden.js';
import { unpackImage } from '../support/docker/unpack-image.js';
import { freePort } from '../support/free-port.js';

// The image has the library for Linux alone.
test.skipIf(process.platform !== 'linux').each([1, 2])(
  'the files of an image serve on their own, with %i workers',
  async (workers) => {
    const app = await unpackImage(await predictorOf(await inspectModel(undefined, { baseDir: '/' })));
    const port = await freePort();
    const env = {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      MLOPS_WORKERS: String(workers),
      MLOPS_DRAIN_DELAY: '0s',
    };
    const child = spawn(process.execPath, [join(app, 'server.mjs')], {
      cwd: '/',
      env,
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const lines: { msg?: string }[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => lines.push(JSON.parse(line) as { msg?: string }));
    await expect.poll(() => lines.map(({ msg }) => msg), { timeout: 20_000 }).toContain('ready');
    expect(await askGolden(`http://127.0.0.1:${port}`, 'together')).toEqual(goldenLabels);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines.at(-1)?.msg).toBe('stopped');
  },
);
