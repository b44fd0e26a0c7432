import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPredictor } from '../../../src/lib/inference/session.js';
import { openModel } from '../../../src/lib/model/open.js';

test('ONNX Runtime is told not to report to its maker before it is loaded', async () => {
  const predictor = await createPredictor(await openModel(undefined, { baseDir: '/' }));
  await predictor.predict(new Float32Array(predictor.features), 1);
  await predictor.close();
  expect(process.env.ORT_DISABLE_TELEMETRY).toBe('1');
  // Its telemetry writes this file as soon as it starts.
  expect(existsSync(join(tmpdir(), `mat-debug-${process.pid}.log`))).toBe(false);
});
