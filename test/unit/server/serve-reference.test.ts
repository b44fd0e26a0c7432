import { expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { projectSlos } from '../../../src/lib/project/slos.js';
import { serveReference } from '../../../src/lib/server/serve-reference.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const slo = (threshold: string) =>
  `slos: [{ name: mine, sli: latency, threshold: ${threshold}, target: 99%, window: 30d }]`;

/** What is said before a model is opened, which is not there. */
async function warningsOf(reference: string, yaml: string): Promise<string[]> {
  const warnings: string[] = [];
  const dir = await tempDir();
  const config = parseProject(yaml);
  const { limits, drain } = config.serve;
  const error = await errorOf(() =>
    serveReference(
      {
        reference,
        baseDir: dir,
        host: '127.0.0.1',
        port: 0,
        metricsPort: undefined,
        workers: 1,
        limits,
        drain,
        slos: projectSlos(config, reference),
        logLevel: 'info',
        accessLog: false,
      },
      {
        stop: AbortSignal.abort('SIGTERM'),
        logTarget: { write: () => undefined },
        reporter: { ...silentReporter, warn: (text) => void warnings.push(text) },
        onReady: () => undefined,
        speech: { cacheDir: dir, offline: true, machine: { cores: 1, memoryBytes: 2 ** 30 }, tempDir: dir },
      },
    ),
  );
  expect(error.code).toMatch(/^MODEL_/);
  return warnings;
}

test('whoever serves a speech model by hand is told of thresholds that recordings cannot keep, or cannot miss', async () => {
  expect(await warningsOf('moonshine-tiny', slo('100ms'))).toEqual([
    expect.stringMatching(/^SLO mine: within 100 ms a speech model/),
  ]);
  expect(await warningsOf('moonshine-tiny', slo('20m'))).toEqual([
    expect.stringContaining('serve.limits.audio.timeout answers 504 after 10 m'),
  ]);
  expect(await warningsOf('moonshine-tiny', '')).toEqual([]);
});

test('whoever serves a model that predicts is told of those that its answers cannot miss', async () => {
  expect(await warningsOf('none.onnx', slo('20s'))).toEqual([
    expect.stringContaining('serve.limits.timeout answers 504 after 10 s'),
  ]);
  expect(await warningsOf('none.onnx', slo('50ms'))).toEqual([]);
});
