import { expect, onTestFinished } from 'vitest';
import { statusCheck } from '../../src/lib/load-test/answer-check.js';
import { openShard } from '../../src/lib/load-test/engine/open-shard.js';
import { merge } from '../../src/lib/load-test/histogram.js';
import {
  epochMs,
  type Shard,
  type ShardConfig,
  type ShardReport,
  type ShardSecond,
} from '../../src/lib/load-test/shard.js';
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.js';

export function postRequest(body: string, path = '/api'): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

export function shardConfig(server: { port: number; url: string }, overrides: Partial<ShardConfig> = {}): ShardConfig {
  return {
    url: server.url,
    secure: server.url.startsWith('https:'),
    hostname: '127.0.0.1',
    port: server.port,
    addresses: ['127.0.0.1'],
    insecure: false,
    connections: 5,
    durationMs: 100,
    timeoutMs: 2_000,
    requests: [postRequest('{}')],
    firstRequest: 0,
    headOnly: false,
    check: statusCheck,
    slos: [],
    ...overrides,
  };
}

export interface Loaded {
  readonly server: ScriptedServer;
  readonly report: ShardReport;
  readonly seconds: ShardSecond[];
}

/** Loads a scripted server from this very thread; `during` runs once the load has started. */
export async function load(
  script: Script,
  overrides: Partial<ShardConfig> = {},
  during?: (shard: Shard, server: ScriptedServer) => void | Promise<void>,
): Promise<Loaded> {
  const server = await startScriptedServer(script);
  onTestFinished(() => server.stop());
  const seconds: ShardSecond[] = [];
  const shard = openShard(shardConfig(server, overrides), {
    onProgress: () => {},
    onSecond: (row) => seconds.push(row),
  });
  await shard.ready;
  shard.start(epochMs());
  await during?.(shard, server);
  return { server, report: await shard.done, seconds };
}

/** What the load says of itself has to add up, whatever the server did. */
export function inFlightAtEnd(report: ShardReport): number {
  const { ok, failed, timeouts, lost, unanswered } = report.afterEnd;
  return ok + failed + timeouts + lost + unanswered;
}

/** Requests that were answered with a complete answer, in the window or after it. */
export function answeredEver(report: ShardReport): number {
  return report.ok + report.failed + report.afterEnd.ok + report.afterEnd.failed;
}

/** The sums that hold for every run. */
export function expectToAddUp(report: ShardReport): void {
  const { sent, ok, failed, timeouts, lost } = report;
  expect(sent).toBe(ok + failed + timeouts + lost + inFlightAtEnd(report));
  const statuses = Object.values(report.byStatus).reduce((sum, count) => sum + count, 0);
  expect(statuses).toBe(ok + failed);
  expect(merge([report.all]).histogram.totalCount).toBe(sent);
  expect(merge([report.right]).histogram.totalCount).toBe(ok + report.afterEnd.ok);
}
