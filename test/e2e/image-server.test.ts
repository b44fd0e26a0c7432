import { spawn } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { servingPlan } from '../../src/lib/image/context/serving-plan.js';
import { packagedFiles } from '../../src/lib/image/create-deps.js';
import { platformOf } from '../../src/lib/image/platform.js';
import { inspectModel } from '../../src/lib/model/open.js';
import { parseProject } from '../../src/lib/project/parse.js';
import { askGolden, goldenLabels } from '../support/docker/golden.js';
import { freePort } from '../support/free-port.js';
import { tempDir } from '../support/temp-dir.js';

/** The files of an image for this machine, in a folder without anything else of this package above it. */
async function unpack(): Promise<string> {
  const root = await tempDir();
  const plan = await servingPlan({
    config: parseProject('name: unpacked'),
    model: await inspectModel(undefined, { baseDir: '/' }),
    platform: platformOf(`linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`),
    base: 'none',
    facts: { mlopsVersion: '0.0.0', revision: undefined },
    packaged: packagedFiles,
    configSource: 'mlops.yaml',
  });
  for (const { path, from } of plan.layers.flatMap((layer) => layer.files)) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    if ('file' in from) await copyFile(from.file, target);
    else await writeFile(target, from.text);
  }
  return join(root, 'app');
}

// The image has the library for Linux alone.
test.skipIf(process.platform !== 'linux').each([1, 2])(
  'the files of an image serve on their own, with %i workers',
  async (workers) => {
    const app = await unpack();
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
