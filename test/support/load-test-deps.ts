import { join } from 'node:path';
import type { Reporter } from '../../src/lib/base/progress/reporter.js';
import { openShard } from '../../src/lib/load-test/engine/open-shard.js';
import type { LoadTestOptions } from '../../src/lib/load-test/options.js';
import type { LoadTestDeps } from '../../src/lib/load-test/run-load-test.js';
import { createProcessRunner } from '../../src/lib/platform/process/runner.js';

const fakeServe = join(import.meta.dirname, '..', 'fixtures', 'load-test', 'fake-serve.js');

/** Everything a load test needs; the load is generated in this very thread. `said` collects what was reported. */
export function loadTestDeps(
  overrides: Partial<LoadTestDeps> & { serveArgs?: string[] } = {},
): LoadTestDeps & { said: string[] } {
  const { serveArgs = ['well'], ...rest } = overrides;
  const said: string[] = [];
  const reporter: Reporter = {
    step: (title) => ({
      update: (text) => said.push(text),
      succeed: (text) => said.push(`done: ${text ?? title}`),
      fail: (text) => said.push(`failed: ${text ?? title}`),
    }),
    note: (message) => said.push(message),
    warn: (message) => said.push(`warning: ${message}`),
  };
  return {
    reporter,
    said,
    runner: createProcessRunner(),
    interrupt: new AbortController().signal,
    cwd: import.meta.dirname,
    model: { reference: undefined, baseDir: import.meta.dirname },
    serve: { program: process.execPath, args: [fakeServe, ...serveArgs], cwd: import.meta.dirname },
    versions: { mlops: '0.0.0-test', node: process.versions.node },
    openShard,
    ...rest,
  };
}

export function loadTestOptions(overrides: Partial<LoadTestOptions> = {}): LoadTestOptions {
  return {
    url: undefined,
    connections: 4,
    durationMs: 150,
    threads: 1,
    timeoutMs: 2_000,
    minRequests: 10,
    method: undefined,
    headers: [],
    body: undefined,
    insecure: false,
    ...overrides,
  };
}
