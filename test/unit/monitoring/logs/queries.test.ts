import { describe, expect, it } from 'vitest';
import { podCondition } from '../../../../src/lib/monitoring/logs/pods.js';
import { errorsQuery, narrowed } from '../../../../src/lib/monitoring/logs/queries.js';
import { projectSchema } from '../../../../src/lib/project/schema.js';
import { createServerLog } from '../../../../src/lib/server/log.js';

/** The regular expression of a query, as CloudWatch and JavaScript both read it. */
const patternOf = (query: string, field: string): RegExp => {
  const [, pattern = ''] = new RegExp(`${field} like /([^/]+)/`).exec(query) ?? [];
  return new RegExp(pattern);
};
const isFailure = (line: string) => patternOf(errorsQuery, '@message').test(line);

const id = '5f3c1a9e-8a53-4c4b-9d53-0a2b5f1f6a11';
/** A line of a container as Fluent Bit of Container Insights writes it. */
const inPod = (log: string) =>
  JSON.stringify({
    time: '2026-01-31T10:00:00.123456789Z',
    stream: 'stderr',
    _p: 'F',
    log,
    ...(log.startsWith('{') ? { log_processed: JSON.parse(log) as unknown } : {}),
    kubernetes: { pod_name: 'demo-6d4cf56db6-x7k2p', namespace_name: 'default', container_name: 'server' },
  });

describe('--errors', () => {
  it('is the query that everybody knows, with more that failures look like', () => {
    expect(errorsQuery).toMatch(
      /^fields @timestamp, @message \| filter @message like \/ERROR\|[^/]+\/ \| sort @timestamp desc$/,
    );
  });

  it.each([
    ['pino without level names', inPod('{"level":50,"time":1769853600000,"msg":"request failed"}')],
    ['an exception nobody caught', inPod("TypeError: Cannot read properties of undefined (reading 'rows')")],
    ['V8 out of memory', inPod('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory')],
  ])('finds in the servers: %s', (_what, line) => {
    expect(isFailure(line)).toBe(true);
  });

  it('finds what our servers log as errors, and nothing else that they log', async () => {
    const lines: string[] = [];
    const log = await createServerLog({ level: 'info', access: true, target: { write: (line) => lines.push(line) } });
    log.fault('model', { err: new Error('boom') }, 'The model could not be run');
    log.info({ workers: 2, errors: 0 }, 'ready');
    log.warn({ graceMs: 10_000 }, 'draining');
    log.access?.({ route: '/api', status: 500, errors: 0 });
    expect(lines.map((line) => isFailure(inPod(line.trim())))).toEqual([true, false, false, false]);
  });

  it.each([
    ['out of time', `2026-01-31T10:15:00.123Z ${id} Task timed out after 900.10 seconds`],
    ['out of memory', `RequestId: ${id} Error: Runtime exited with error: signal: killed`],
    ['exited', `RequestId: ${id} Error: Runtime exited without providing a reason`],
    [
      'the report of a timeout',
      `REPORT RequestId: ${id}\tDuration: 900000.00 ms\tBilled Duration: 900000 ms\tMemory Size: 3008 MB\tMax Memory Used: 812 MB\tStatus: timeout`,
    ],
    [
      'the report of an exit',
      `REPORT RequestId: ${id}\tDuration: 41.50 ms\tBilled Duration: 42 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\tStatus: error\tError Type: Runtime.ExitError`,
    ],
    ['a start that failed', 'INIT_REPORT Init Duration: 9999.87 ms\tPhase: init\tStatus: timeout'],
    ['Node.js', `2026-01-31T10:00:00.000Z\t${id}\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"boom"}`],
    ['Python', `[ERROR] ValueError: no audio\nTraceback (most recent call last):`],
    [
      'JSON: the report',
      `{"time":"2026-01-31T10:15:00.123Z","type":"platform.report","record":{"requestId":"${id}","metrics":{"durationMs":900000.0},"status":"timeout"}}`,
    ],
    [
      'JSON: the end of the runtime',
      `{"time":"2026-01-31T10:15:00.123Z","type":"platform.runtimeDone","record":{"requestId":"${id}","status":"failure","errorType":"Runtime.ExitError"}}`,
    ],
    [
      'JSON: an exception',
      '{"timestamp":"2026-01-31T10:00:00.000Z","level":"ERROR","message":{"errorType":"Error","errorMessage":"boom","stackTrace":[]}}',
    ],
  ])('finds in the functions: %s', (_what, line) => {
    expect(isFailure(line)).toBe(true);
  });

  it.each([
    ['the control plane', 'E0131 10:00:00.123456       1 controller.go:114] loading OpenAPI spec failed'],
    [
      'the kubelet',
      '{"hostname":"ip-10-0-1-7","systemd_unit":"kubelet.service","message":"E0131 10:00:00.123456    2345 pod_workers.go:1301] \\"Error syncing pod, skipping\\""}',
    ],
    [
      'containerd',
      '{"systemd_unit":"containerd.service","message":"time=\\"2026-01-31T10:00:00Z\\" level=error msg=\\"PullImage failed\\""}',
    ],
    [
      'the kernel',
      '{"host":"ip-10-0-1-7","ident":"kernel","message":"Memory cgroup out of memory: Killed process 4242 (node)"}',
    ],
  ])('finds in the cluster: %s', (_what, line) => {
    expect(isFailure(line)).toBe(true);
  });

  it.each([
    ['the start of a run', `START RequestId: ${id} Version: $LATEST`],
    ['its end', `END RequestId: ${id}`],
    ['its report', `REPORT RequestId: ${id}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB`],
    ['its report in JSON', `{"type":"platform.report","record":{"requestId":"${id}","status":"success"}}`],
    [
      'a metric',
      '{"_aws":{"CloudWatchMetrics":[{"Namespace":"mlops","Metrics":[{"Name":"RecordingsFailed"}]}]},"RecordingsFailed":0,"errors":0}',
    ],
    ['the access log of somebody else', '10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "GET /errors HTTP/1.1" 200 50'],
    ['the kubelet', 'I0131 10:00:00.123456    2345 kubelet.go:2000] "SyncLoop ADD"'],
    ['an audit line', '{"kind":"Event","verb":"get","responseStatus":{"metadata":{},"code":200}}'],
  ])('leaves out %s', (_what, line) => {
    expect(isFailure(line)).toBe(false);
  });
});

describe('the pods of a project', () => {
  const isOurs = (name: string, pod: string) => patternOf(podCondition(name, 'ml'), 'kubernetes.pod_name').test(pod);

  it.each([
    ['a server', 'demo', 'demo-6d4cf56db6-x7k2p', true],
    ['the server of another project', 'demo', 'demo-api-6d4cf56db6-x7k2p', false],
    ['of a project that ends alike', 'demo', 'my-demo-6d4cf56db6-x7k2p', false],
    ['of a StatefulSet', 'demo', 'demo-0', false],
    ['of a Job', 'demo', 'demo-load-x7k2p', false],
    ['of the system', 'demo', 'coredns-6d4cf56db6-x7k2p', false],
    // Kubernetes cuts what stands before the random part to 58 characters.
    ['a name that Kubernetes cuts', 'a'.repeat(60), `${'a'.repeat(58)}x7k2p`, true],
    ['a hash that Kubernetes cuts', 'a'.repeat(52), `${'a'.repeat(52)}-6d4cfx7k2p`, true],
  ])('%s', (_what, name, pod, expected) => {
    expect(isOurs(name, pod)).toBe(expected);
  });

  it('are named by what means nothing in a query: mlops.yaml takes no other names', () => {
    expect(podCondition('demo', 'ml')).toMatch(
      /^kubernetes\.namespace_name = "ml" and kubernetes\.pod_name like \/\^demo-\[[a-z0-9-]+\]\{5,16\}\$\/$/,
    );
    for (const name of ['a"b', 'a/b', 'a|b', 'a.b', 'a b', 'A', 'a\n']) {
      expect(projectSchema.safeParse({ name }).success, name).toBe(false);
      expect(projectSchema.safeParse({ deploy: { namespace: name } }).success, name).toBe(false);
    }
  });
});

it('a condition comes before everything that a query does', () => {
  expect(narrowed('stats count(*) by bin(1h)', 'a = 1')).toBe('filter a = 1 | stats count(*) by bin(1h)');
  expect(narrowed('stats count(*)', undefined)).toBe('stats count(*)');
});
