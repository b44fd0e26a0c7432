import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { type Handler, untilDeadline } from '../../../src/lib/lambda/handler.js';
import { createRuntimeApi } from '../../../src/lib/lambda/runtime/api.js';
import { runLoop } from '../../../src/lib/lambda/runtime/loop.js';
import { errorOf } from '../../support/errors.js';
import { startRuntimeApi } from '../../support/lambda/runtime-api-server.js';

async function bench(handler: Handler, init: () => Promise<Handler> = async () => handler) {
  const server = await startRuntimeApi();
  const stop = new AbortController();
  const traces: (string | undefined)[] = [];
  const ended = runLoop({
    api: createRuntimeApi(server.address),
    init,
    reporter: silentReporter,
    onTrace: (traceId) => traces.push(traceId),
    stop: stop.signal,
  });
  ended.catch(() => undefined);
  onTestFinished(() => stop.abort());
  return { server, stop, traces, ended };
}

test('events one after the other on one connection, each with its request, deadline and trace', async () => {
  const { server, traces, stop, ended } = await bench(async (event, { requestId, deadlineMs }) => ({
    event,
    requestId,
    leftS: Math.round((deadlineMs - Date.now()) / 1000),
  }));
  const first = await server.run({ a: 1 }, { timeoutMs: 30_000, traceId: 'Root=1' });
  const second = await server.run([2], { timeoutMs: 900_000 });
  expect([first, second]).toMatchObject([
    { kind: 'response', requestId: 'request-1', body: { event: { a: 1 }, requestId: 'request-1', leftS: 30 } },
    { kind: 'response', requestId: 'request-2', body: { event: [2], requestId: 'request-2', leftS: 900 } },
  ]);
  expect(traces).toEqual(['Root=1', undefined]);
  expect(server.connections()).toBe(1);
  // While it waits for the next event it can be stopped.
  stop.abort();
  await ended;
});

test('no answer is null', async () => {
  const { server } = await bench(async () => undefined);
  expect(await server.run({})).toMatchObject({ kind: 'response', body: null });
});

test('an error of the init phase is told with its type, and ends the program', async () => {
  const error = new UsageError('S3_BUCKET is not set', { code: 'INVALID_VARIABLE', why: 'Expected a bucket.' });
  const { server, ended } = await bench(
    async () => null,
    () => Promise.reject(error),
  );
  expect(await server.initError).toMatchObject({
    errorType: 'INVALID_VARIABLE',
    body: {
      errorMessage: 'S3_BUCKET is not set\nExpected a bucket.',
      errorType: 'INVALID_VARIABLE',
      stackTrace: [],
    },
  });
  expect(await errorOf(() => ended)).toBe(error);
});

test('an error of a handler is that run alone; a bug has its stack', async () => {
  const { server } = await bench(async (event) => {
    if (event === 'bug') throw new TypeError('x is not a function');
    return 'fine';
  });
  const bug = await server.run('"bug"');
  expect(bug).toMatchObject({ kind: 'error', errorType: 'TypeError', body: { errorMessage: 'x is not a function' } });
  expect((bug.body as { stackTrace: string[] }).stackTrace[0]).toMatch(/^at .*runtime\.test\.ts/);
  expect(await server.run({})).toMatchObject({ kind: 'response', body: 'fine' });
});

test('an event that is not JSON is an error of that run', async () => {
  const { server } = await bench(async () => 'fine');
  expect(await server.run('{"half":')).toMatchObject({ kind: 'error', errorType: 'EVENT_UNREADABLE' });
  expect(await server.run({})).toMatchObject({ body: 'fine' });
});

test('a handler hears of the deadline before it is there', async () => {
  const { server } = await bench(async (_event, context) => {
    const { signal, clear } = untilDeadline(context, 59_900, Date.now);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    clear();
    return context.deadlineMs > Date.now();
  });
  expect(await server.run({}, { timeoutMs: 60_000 })).toMatchObject({ kind: 'response', body: true });
  // One that had passed before the handler began.
  expect(await server.run({}, { timeoutMs: -1_000 })).toMatchObject({ kind: 'response', body: false });
});

test('a response that Lambda does not take for its size is an error with a name', async () => {
  const { server } = await bench(async () => 'too much');
  server.responseStatus = 413;
  expect(await server.run({})).toMatchObject({ kind: 'error', errorType: 'Function.ResponseSizeTooLarge' });
});

test('a connection that drops is made again, for the next event and for an answer', async () => {
  let runs = 0;
  const { server } = await bench(async () => {
    runs += 1;
    server.cut = 1;
    return runs;
  });
  server.cut = 1;
  expect(await server.run({})).toMatchObject({ body: 1 });
  expect(await server.run({})).toMatchObject({ body: 2 });
});

test('an API that is gone ends the program', async () => {
  const { server, ended } = await bench(async () => null);
  await server.run({});
  await server.stop();
  expect(await errorOf(() => ended)).toMatchObject({ code: 'RUNTIME_API_FAILED' });
});

test('an API that gives up ends the program', async () => {
  const { server, ended } = await bench(async () => null);
  server.responseStatus = 500;
  void server.run({});
  expect(await errorOf(() => ended)).toMatchObject({ code: 'RUNTIME_API_FAILED', why: expect.stringContaining('500') });
});
