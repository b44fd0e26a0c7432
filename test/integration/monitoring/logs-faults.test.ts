import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { type LogsRequest, runLogs } from '../../../src/lib/monitoring/logs/run-logs.js';
import { createLogs } from '../../../src/lib/platform/aws/logs.js';
import { projectSchema } from '../../../src/lib/project/schema.js';
import { awsEnv } from '../../support/aws-env.js';
import { type Fault, type FaultRule, type StandIn, startFaultProxy } from '../../support/aws-fault-proxy.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const answerWith = (json: object) => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(json),
});

/** Logs Insights with one line in it, by its documentation. */
const insights: StandIn = async (call) => {
  if (call === 'logs:StartQuery') return answerWith({ queryId: 'q-1' });
  if (call === 'logs:StopQuery') return answerWith({ success: true });
  if (call !== 'logs:GetQueryResults') return undefined;
  const fields = { '@timestamp': '2026-01-31 10:00:00.000', '@message': 'ERROR x', '@ptr': 'p-1' };
  const row = Object.entries(fields).map(([field, value]) => ({ field, value }));
  return answerWith({
    status: 'Complete',
    results: [row],
    statistics: { recordsScanned: 1, recordsMatched: 1, bytesScanned: 1 },
  });
};

async function start(more: Partial<LogsRequest> = {}) {
  const faults: FaultRule[] = [];
  const proxy = await startFaultProxy('http://127.0.0.1:1', faults, [insights]);
  onTestFinished(() => proxy.stop());
  for (const [name, value] of Object.entries(awsEnv(proxy.url))) vi.stubEnv(name, value);
  const controller = new AbortController();
  const shown: string[] = [];
  const request: LogsRequest = {
    project: { file: undefined, dir: await tempDir(), config: projectSchema.parse({}) },
    services: [],
    groups: ['/aws/lambda/f'],
    errors: true,
    query: undefined,
    since: '1h',
    until: undefined,
    follow: false,
    limit: 1_000,
    signal: controller.signal,
    env: {},
    ...more,
  };
  const deps = {
    logs: createLogs({ region: 'us-east-1' }, { requestMs: 300 }),
    now: Date.now,
    sleep: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
  const show = async (row: Readonly<Record<string, string>>) => {
    shown.push(row['@message'] ?? '');
    if (request.follow) controller.abort('SIGINT');
  };
  return { ...proxy, faults, shown, controller, run: () => runLogs(request, show, silentReporter, deps) };
}

const once = (call: string, ...kinds: Fault[]): FaultRule[] => kinds.map((fault) => ({ call, fault, times: 1 }));
const calls = ['logs:StartQuery', 'logs:GetQueryResults'] as const;

beforeEach(() => void vi.unstubAllEnvs());

describe('mlops logs when CloudWatch has a bad day', () => {
  test.each([false, true])('silence, broken connections, errors and throttling pass (--follow: %s)', async (follow) => {
    const { faults, run, shown } = await start({ follow });
    faults.push(...calls.flatMap((call) => once(call, 'hang', 'reset', 'error')), ...once(calls[1], 'throttle'));
    await run();
    expect(faults.filter(({ times }) => times !== 0)).toEqual([]);
    expect(shown).toEqual(['ERROR x']);
  });

  test.each(calls)('a permission that is missing is named, and not asked for again (%s)', async (call) => {
    const { faults, run, seen } = await start();
    faults.push({ call, fault: 'denied' });
    await expect(run()).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining(call) });
    expect(seen.filter((name) => name === call)).toHaveLength(1);
  });

  test('credentials that have expired are a thing to renew', async () => {
    const { faults, run } = await start();
    faults.push({ call: calls[0], fault: 'expired' });
    await expect(run()).rejects.toMatchObject({ code: 'CREDENTIALS_REFUSED', exitCode: 5 });
  });

  test.each(calls)('Ctrl-C ends a call that is never answered (%s)', async (call) => {
    const { faults, run, seen, controller } = await start();
    faults.push({ call, fault: 'hang' });
    const result = expect(run()).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    await expect.poll(() => seen.at(-1)).toBe(call);
    const before = seen.length;
    controller.abort('SIGINT');
    await result;
    // Nothing is tried again; a query whose number is known is stopped.
    expect(seen.slice(before)).toEqual(call === 'logs:StartQuery' ? [] : ['logs:StopQuery']);
  });

  test('Ctrl-C does not wait for a CloudWatch that cannot even stop a query', async () => {
    const { faults, run, seen, controller } = await start();
    faults.push({ call: calls[1], fault: 'hang' }, { call: 'logs:StopQuery', fault: 'hang' });
    const result = expect(run()).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect.poll(() => seen.at(-1)).toBe(calls[1]);
    controller.abort('SIGINT');
    await result;
  });

  test('a CloudWatch that never answers is an error that says so', async () => {
    const { faults, run, seen } = await start();
    faults.push({ call: calls[0], fault: 'hang' });
    const error = await errorOf(run);
    expect([error.code, error.why]).toEqual(['AWS_CALL_FAILED', expect.stringMatching(/logs:StartQuery on .*300 ms/)]);
    expect(seen).toHaveLength(8);
  });
});
