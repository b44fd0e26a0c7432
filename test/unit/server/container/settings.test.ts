import { expect, test } from 'vitest';
import { parseProject } from '../../../../src/lib/project/parse.js';
import { resolveServing } from '../../../../src/lib/project/resolved.js';
import { containerEndpoint } from '../../../../src/lib/server/container/endpoint.js';
import { containerOptions, workersOf } from '../../../../src/lib/server/container/settings.js';
import { errorOf } from '../../../support/errors.js';

const model = { name: 'm', version: '1', file: 'model/m.onnx', digest: 'ab', signature: {} };
const resolved = (yaml = '') => resolveServing(parseProject(yaml), model);

test('the configuration of the image, on all addresses', () => {
  const yaml = 'serve: { port: 9000, workers: 3, drain: { delay: 2s, timeout: 5s } }';
  expect(containerOptions(resolved(yaml), {})).toEqual({
    host: '0.0.0.0',
    port: 9000,
    metricsPort: undefined,
    workers: 3,
    limits: { bodyBytes: 2 ** 20, queueRows: 4096, timeoutMs: 10_000 },
    drain: { delayMs: 2_000, timeoutMs: 5_000 },
    slos: expect.any(Array),
    logLevel: 'info',
    accessLog: false,
  });
});

test('the variables of `mlops serve` come first', () => {
  const env = {
    MLOPS_HOST: '::',
    PORT: '80',
    MLOPS_WORKERS: '2',
    MLOPS_DRAIN_DELAY: '250ms',
    MLOPS_LOG_LEVEL: 'warn',
    MLOPS_ACCESS_LOG: 'true',
  };
  expect(containerOptions(resolved(), env)).toMatchObject({
    host: '::',
    port: 80,
    workers: 2,
    drain: { delayMs: 250, timeoutMs: 10_000 },
    logLevel: 'warn',
    accessLog: true,
  });
});

test.each([
  ['', { PORT: '9090' }, 9090],
  ['', { PORT: '9090', MLOPS_PORT: '7070' }, 7070],
  ['', { PORT: '' }, 8080],
  ['serve: { port: 0 }', {}, 8080],
  ['serve: { port: 0 }', { PORT: '0' }, 8080],
])('%s with %o listens on %i', (yaml, env, port) => {
  expect(containerEndpoint(resolved(yaml), env).port).toBe(port);
});

test.each([
  ['', {}, undefined],
  ['', { MLOPS_METRICS_PORT: '9100' }, 9100],
  ['serve: { metricsPort: 9200 }', { MLOPS_METRICS_PORT: '9100' }, 9100],
  ['serve: { metricsPort: 9200 }', { MLOPS_METRICS_PORT: '' }, 9200],
  ['serve: { metricsPort: 0 }', {}, 9090],
  ['', { MLOPS_METRICS_PORT: '0' }, 9090],
])('%s with %o has its metrics on %s', (yaml, env, metricsPort) => {
  expect(containerOptions(resolved(yaml), env).metricsPort).toBe(metricsPort);
});

test.each([
  [{ PORT: 'http' }, 'INVALID_PORT'],
  [{ MLOPS_PORT: '70000' }, 'INVALID_VARIABLE'],
  [{ MLOPS_METRICS_PORT: 'none' }, 'INVALID_VARIABLE'],
  [{ MLOPS_WORKERS: '0' }, 'INVALID_VARIABLE'],
  [{ MLOPS_WORKERS: '2.5' }, 'INVALID_VARIABLE'],
  [{ MLOPS_LOG_LEVEL: 'loud' }, 'INVALID_VARIABLE'],
  [{ MLOPS_DRAIN_DELAY: 'soon' }, 'INVALID_DURATION'],
])('%o is refused: %s', async (env, code) => {
  const error = await errorOf(() => containerOptions(resolved(), env));
  expect(error).toMatchObject({ code, exitCode: 2 });
});

test('without a number of workers, a server of predictions has one; one of recordings decides for itself', () => {
  expect(containerOptions(resolved(), {}).workers).toBe(1);
  expect(workersOf(resolved(), {})).toBeUndefined();
  expect(workersOf(resolved('serve: { workers: 3 }'), {})).toBe(3);
  expect(workersOf(resolved('serve: { workers: 3 }'), { MLOPS_WORKERS: '2' })).toBe(2);
});
