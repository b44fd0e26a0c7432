import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentReporter } from '../../../../src/lib/base/progress/reporter.js';
import { errorsQuery, linesQuery } from '../../../../src/lib/monitoring/logs/queries.js';
import { type LogsRequest, runLogs } from '../../../../src/lib/monitoring/logs/run-logs.js';
import { timeRange } from '../../../../src/lib/monitoring/logs/time-range.js';
import type { LogRow, Logs, QueryAnswer, QueryRequest } from '../../../../src/lib/platform/aws/logs.js';
import { projectSchema } from '../../../../src/lib/project/schema.js';
import { tempDir } from '../../../support/temp-dir.js';

const startMs = Date.parse('2026-01-31T10:00:00Z');

const answer = (status: QueryAnswer['status'], rows: readonly LogRow[] = []): QueryAnswer => ({
  status,
  rows,
  recordsScanned: 1000,
  recordsMatched: rows.length,
  bytesScanned: 2048,
});

const row = (ptr: string, second = 0): LogRow => ({
  '@timestamp': `2026-01-31 10:00:${String(second).padStart(2, '0')}.000`,
  '@message': `line ${ptr}`,
  '@ptr': ptr,
});

/** CloudWatch by a script: what each query answers, look for look. */
function fakeLogs(script: (request: QueryRequest, index: number) => readonly QueryAnswer[] | 'limit') {
  const requests: QueryRequest[] = [];
  const stopped: string[] = [];
  const pending = new Map<string, QueryAnswer[]>();
  const logs: Logs = {
    async startQuery(request) {
      requests.push(request);
      const answers = script(request, requests.length - 1);
      if (answers === 'limit') return undefined;
      pending.set(`q-${requests.length}`, [...answers]);
      return `q-${requests.length}`;
    },
    async queryResults(id) {
      const answers = pending.get(id) ?? [];
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? answer('Unknown');
    },
    async stopQuery(id) {
      stopped.push(id);
    },
  };
  return { logs, requests, stopped };
}

async function start(
  script: Parameters<typeof fakeLogs>[0],
  more: Partial<LogsRequest> = {},
  onSleep?: (ms: number) => void,
) {
  const dir = await tempDir();
  const fake = fakeLogs(script);
  const shown: LogRow[] = [];
  const notes: string[] = [];
  let clock = startMs;
  const deps = {
    logs: fake.logs,
    now: () => clock,
    sleep: async (ms: number) => {
      clock += ms;
      onSleep?.(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const request: LogsRequest = {
    project: { file: undefined, dir, config: projectSchema.parse({}) },
    services: [],
    groups: ['/aws/lambda/f'],
    errors: false,
    query: undefined,
    since: '1h',
    until: undefined,
    follow: false,
    limit: 1000,
    signal: new AbortController().signal,
    env: {},
    ...more,
  };
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  const run = () => runLogs(request, async (found) => void shown.push(found), reporter, deps);
  return { ...fake, dir, shown, notes, run, request };
}

describe('mlops logs', () => {
  it('asks for errors, and prints the rows in the order of the query', async () => {
    const { run, requests, shown } = await start(
      () => [answer('Scheduled'), answer('Running'), answer('Complete', [row('b', 2), row('a', 1)])],
      { errors: true },
    );
    await run();
    expect(requests).toEqual([
      {
        groups: ['/aws/lambda/f'],
        query: errorsQuery,
        fromMs: startMs - 3_600_000,
        untilMs: startMs,
        limit: 1000,
      },
    ]);
    expect(shown.map((found) => found['@ptr'])).toEqual(['b', 'a']);
  });

  it('passes a query on as it is', async () => {
    const query = 'fields @message | filter @message like /x"\'; | y/ | limit 5';
    const { run, requests } = await start(() => [answer('Complete')], { query });
    await run();
    expect(requests[0]?.query).toBe(query);
  });

  it('says when the limit cut the answer off', async () => {
    const { run, notes } = await start(() => [answer('Complete', [row('a'), row('b')])], { limit: 2 });
    await run();
    expect(notes).toEqual([expect.stringContaining('--limit 2')]);
  });

  it.each(['Failed', 'Cancelled', 'Timeout'] as const)('fails when the query ends as %s', async (status) => {
    const { run } = await start(() => [answer('Running'), answer(status)]);
    await expect(run()).rejects.toMatchObject({ code: 'LOG_QUERY_ENDED', exitCode: 1 });
  });

  it('waits while the account runs too many queries, and gives up in the end', async () => {
    const soon = await start((_request, index) => (index < 2 ? 'limit' : [answer('Complete', [row('a')])]));
    await soon.run();
    expect(soon.shown).toHaveLength(1);
    const never = await start(() => 'limit');
    await expect(never.run()).rejects.toMatchObject({ code: 'LOG_QUERY_LIMIT' });
    expect(never.requests).toHaveLength(6);
  });

  it('stops the query in CloudWatch when it is interrupted', async () => {
    const controller = new AbortController();
    const { run, stopped } = await start(
      () => [answer('Running')],
      { signal: controller.signal },
      () => controller.abort('SIGINT'),
    );
    await expect(run()).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(stopped).toEqual(['q-1']);
  });
});

describe('mlops logs --follow', () => {
  it('gives each line once, oldest first, also those that arrive late', async () => {
    const controller = new AbortController();
    const looks = [
      [row('b', 2), row('a', 1)],
      [row('c', 3), row('b', 2), row('a', 1)],
      [row('late', 0), row('c', 3), row('b', 2), row('a', 1)],
      [],
    ];
    const { run, shown, requests } = await start(
      (_request, index) => {
        if (index === 3) controller.abort('SIGINT');
        return [answer('Complete', looks[index])];
      },
      { follow: true, signal: controller.signal, since: '1m' },
    );
    await run();
    expect(shown.map((found) => found['@ptr'])).toEqual(['a', 'b', 'c', 'late']);
    expect(requests[0]?.fromMs).toBe(startMs - 60_000);
  });

  it('reaches back two minutes, and never before its beginning', async () => {
    const controller = new AbortController();
    const { run, requests } = await start(
      (_request, index) => {
        if (index === 40) controller.abort();
        return [answer('Complete')];
      },
      { follow: true, signal: controller.signal, since: '1s' },
    );
    await run();
    expect(Math.min(...requests.map(({ fromMs }) => fromMs))).toBe(startMs - 1_000);
    const last = requests.at(-1);
    expect((last?.untilMs ?? 0) - (last?.fromMs ?? 0)).toBeLessThan(130_000);
  });

  it('cuts a look that is full in two, so that a burst loses nothing', async () => {
    const controller = new AbortController();
    const burst = Array.from({ length: 12_000 }, (_, index) => ({
      ms: startMs - 60_000 + index * 5,
      ptr: `p${index}`,
    }));
    const { run, shown } = await start(
      ({ fromMs, untilMs }, index) => {
        if (index > 8) controller.abort();
        const from = Math.floor(fromMs / 1000) * 1000;
        const until = Math.ceil(untilMs / 1000) * 1000;
        const found = burst.filter(({ ms }) => ms >= from && ms <= until).slice(0, 10_000);
        return [
          answer(
            'Complete',
            found.map(({ ptr, ms }) => ({ '@ptr': ptr, '@timestamp': new Date(ms).toISOString(), '@message': 'x' })),
          ),
        ];
      },
      { follow: true, signal: controller.signal, since: '2m' },
    );
    await run();
    expect(new Set(shown.map((found) => found['@ptr'])).size).toBe(12_000);
    expect(shown).toHaveLength(12_000);
  });

  it('refuses a query that counts', async () => {
    const { run } = await start(() => [answer('Complete', [{ 'count(*)': '1' }])], {
      follow: true,
      query: 'stats count(*)',
    });
    await expect(run()).rejects.toMatchObject({ code: 'FOLLOW_NEEDS_LINES', exitCode: 2 });
  });
});

describe('where the logs are', () => {
  const outputs = { eks_cluster_name: 'c', transcribe_function_name: 'p-transcribe', load_function_name: null };
  const ours =
    /^filter (kubernetes\.namespace_name = "default" and kubernetes\.pod_name like \/\^mlops-\S+\/) \| (.*)$/;
  const asked = async (more: Partial<LogsRequest>, saved: object | undefined = outputs) => {
    const { run, requests, dir, notes } = await start(() => [answer('Complete')], { groups: [], ...more });
    if (saved !== undefined) {
      await mkdir(join(dir, 'infra/aws'), { recursive: true });
      await writeFile(join(dir, 'infra/aws/outputs.json'), JSON.stringify(saved));
    }
    await run();
    return { groups: requests[0]?.groups, query: requests[0]?.query ?? '', notes };
  };

  it('is known from what was provisioned', async () => {
    const groupsOf = async (services: LogsRequest['services']) => (await asked({ services })).groups;
    expect(await groupsOf(['serve'])).toEqual(['/aws/containerinsights/c/application']);
    expect(await groupsOf(['lambda'])).toEqual(['/aws/lambda/p-transcribe']);
    expect(await groupsOf(['eks'])).toEqual([
      '/aws/eks/c/cluster',
      '/aws/containerinsights/c/dataplane',
      '/aws/containerinsights/c/host',
    ]);
    expect(await groupsOf([])).toEqual(['/aws/containerinsights/c/application', '/aws/lambda/p-transcribe']);
  });

  it('of all pods of the cluster only the servers of the project are searched, whatever is asked', async () => {
    const lines = await asked({ services: ['serve'] });
    expect(ours.exec(lines.query)?.[2]).toBe(linesQuery);
    expect(lines.notes).toEqual([expect.stringContaining('--log-group')]);
    expect(ours.exec((await asked({ services: ['serve'], errors: true })).query)?.[2]).toBe(errorsQuery);
    const query = 'stats count(*) by bin(1h)';
    expect(ours.exec((await asked({ services: ['serve'], query })).query)?.[2]).toBe(query);
  });

  it('lines of the other groups are not lost by that', async () => {
    const { query } = await asked({});
    expect(query).toMatch(
      /^filter @log not like \/containerinsights\.\*application\$\/ or \(kubernetes\S+ = "default" and/,
    );
    const [, pattern = ''] = /@log not like \/([^/]+)\//.exec(query) ?? [];
    expect('123456789012:/aws/containerinsights/c/application').toMatch(new RegExp(pattern));
    expect('123456789012:/aws/lambda/application').not.toMatch(new RegExp(pattern));
    for (const services of [['lambda'], ['eks']] as const) {
      expect((await asked({ services })).query).toBe(linesQuery);
    }
  });

  it('is unknown without: an error that says what to do', async () => {
    await expect(asked({}, {})).rejects.toMatchObject({ code: 'LOG_GROUPS_UNKNOWN', exitCode: 5 });
    await expect(asked({ services: ['lambda'] }, { eks_cluster_name: 'c' })).rejects.toMatchObject({
      code: 'LOG_GROUPS_UNKNOWN',
    });
  });
});

describe('a time range', () => {
  it('takes durations back from now, and points in time', () => {
    expect(timeRange('30m', undefined, startMs)).toEqual({ fromMs: startMs - 1_800_000, untilMs: startMs });
    expect(timeRange('2026-01-30T00:00Z', '2026-01-30T01:00Z', startMs)).toEqual({
      fromMs: Date.parse('2026-01-30T00:00:00Z'),
      untilMs: Date.parse('2026-01-30T01:00:00Z'),
    });
  });

  it.each([
    ['yesterday', undefined, 'INVALID_TIME'],
    ['1', undefined, 'INVALID_TIME'],
    ['5parsecs', undefined, 'INVALID_DURATION'],
    ['1h', '2h', 'TIME_RANGE_EMPTY'],
  ])('refuses %s until %s', (since, until, code) => {
    expect(() => timeRange(since, until, startMs)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });
});
