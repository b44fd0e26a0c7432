import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askReady } from '../../../src/lib/deploy/golden/ask.js';
import { checkGolden, requireEqual } from '../../../src/lib/deploy/golden/check.js';
import { goldenSet } from '../../../src/lib/deploy/golden/rows.js';
import { openModel } from '../../../src/lib/model/open.js';
import { firstValues, modelServer } from '../../support/deploy/model-server.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const stop = new AbortController().signal;
const asking = { stop, retryMs: 1 };
const set = { source: 'r', rows: [[1], [0]], labels: [1, 0] };
const reachable = (url: string) => ({ url, headers: [] });
const model = await openModel(undefined, { baseDir: import.meta.dirname });

describe('the rows', () => {
  test('of the bundled model are all 552 that there are', async () => {
    const golden = await goldenSet({ model, file: undefined });
    expect(golden?.rows).toHaveLength(552);
    expect(new Set(golden?.rows.map(String)).size).toBe(552);
    expect(golden?.labels.slice(0, 8)).toEqual([1, 1, 0, 0, 1, 1, 1, 1]);
  });

  test('come from a file as predict takes them', async () => {
    const file = join(await tempDir(), 'rows.jsonl');
    const row = Array.from({ length: 37 }, (_, index) => Number([0, 23, 25].includes(index)));
    await writeFile(file, `${JSON.stringify(row)}\n${JSON.stringify({ array: row })}`);
    expect(await goldenSet({ model, file })).toMatchObject({ source: file, rows: [row, row], labels: [1, 1] });
  });

  test.each([
    ['', 'NO_ROWS'],
    ['[1, 2]', 'INVALID_ROWS'],
    [`[${Array.from({ length: 10_001 }, () => JSON.stringify(Array(37).fill(0))).join(',')}]`, 'TOO_MANY_ROWS'],
  ])('are refused when they cannot be used', async (text, code) => {
    const file = join(await tempDir(), 'rows.json');
    await writeFile(file, text);
    expect(await errorOf(() => goldenSet({ model, file }))).toMatchObject({ code, exitCode: 2 });
  });

  test('are none for another model without a file', async () => {
    expect(await goldenSet({ model: { ...model, path: '/another.onnx' }, file: undefined })).toBeUndefined();
  });
});

describe('asking the deployed model', () => {
  test('many rows go in batches and keep their order', async () => {
    const sizes: number[] = [];
    const { url } = await modelServer((rows, response, asked) => {
      sizes.push(rows.length);
      firstValues(rows, response, asked);
    });
    const labels = Array.from({ length: 150 }, (_, index) => index);
    const result = await checkGolden({ source: 'r', rows: labels.map((n) => [n]), labels }, reachable(url), asking);
    expect(result).toMatchObject({ rows: 150, equal: 150, mismatches: [] });
    expect(sizes).toEqual([64, 64, 22]);
  });

  test('an empty reply and a 503 right after the start are asked again', async () => {
    const { url } = await modelServer((rows, response, asked) => {
      if (asked === 1) return void response.socket?.destroy();
      if (asked === 2) return void response.writeHead(503).end('{"error": "not yet"}');
      firstValues(rows, response, asked);
    });
    expect(await checkGolden(set, reachable(url), asking)).toMatchObject({ equal: 2 });
  });

  test('one that never answers is given up, with what happened last', async () => {
    const { url } = await modelServer((_rows, response) => void response.socket?.destroy());
    const error = await errorOf(() => checkGolden(set, reachable(url), asking));
    expect(error).toMatchObject({ code: 'GOLDEN_UNANSWERED', exitCode: 1 });
    expect(error.why).toContain('/api, asked 20 times');
  });

  test.each([
    [401, '{"error": "no key"}', 'GOLDEN_UNANSWERED', 1, '--header'],
    [403, '<html>Forbidden</html>', 'GOLDEN_UNANSWERED', 1, 'roles/run.invoker'],
    [404, '<html>Page not found</html>', 'NOT_REACHABLE_FROM_HERE', 5, 'in that network'],
    [404, '{"error": "no route"}', 'GOLDEN_UNANSWERED', 1, ''],
    [200, '{"outputs": []}', 'GOLDEN_UNANSWERED', 1, ''],
    [200, '{"predicciones": [1]}', 'GOLDEN_UNANSWERED', 1, ''],
  ])('%i with %s is not asked again', async (status, body, code, exitCode, action) => {
    let count = 0;
    const { url } = await modelServer((_rows, response) => {
      count += 1;
      response.writeHead(status).end(body);
    });
    const error = await errorOf(() => checkGolden(set, reachable(url), asking));
    expect(error).toMatchObject({ code, exitCode });
    expect(error.actions.join()).toContain(action);
    expect(count).toBe(1);
  });

  test('a label of another type is no equal', async () => {
    const { url } = await modelServer((_rows, response) => response.end('{"predicciones": ["1", 0]}'));
    const result = await checkGolden(set, reachable(url), asking);
    expect(result).toMatchObject({ equal: 1, mismatches: [{ row: 1, expected: 1, got: '1' }] });
    expect(() => requireEqual(result)).toThrow('does not predict');
  });

  test('stops at Ctrl-C', async () => {
    const controller = new AbortController();
    const { url } = await modelServer(() => controller.abort('SIGINT'));
    await expect(askReady(reachable(url), { ...asking, isFirst: true })).resolves.toBeUndefined();
    await expect(checkGolden(set, reachable(url), { ...asking, stop: controller.signal })).rejects.toBe('SIGINT');
  });
});
