import type { RunContext } from '../../../src/lib/lambda/handler.js';
import { seeingAbsence } from '../../../src/lib/lambda/s3-absence.js';
import { readPipelineSettings } from '../../../src/lib/lambda/settings.js';
import { createTranscribeHandler } from '../../../src/lib/lambda/transcribe/handler.js';
import { type TestDeps, testDeps } from '../recordings/deps.js';
import { fakeModel } from '../recordings/fake-engine.js';
import { FakeQueue } from '../recordings/fake-queue.js';
import { tempDir } from '../temp-dir.js';

/** A line of the embedded metric format, without what is the same in all. */
export function metricsOf(line: string | undefined): Record<string, unknown> {
  const { _aws, ...rest } = JSON.parse(line ?? '{}') as Record<string, unknown>;
  return rest;
}

export function runContext(deps: Pick<TestDeps, 'reporter'>, changed: Partial<RunContext> = {}): RunContext {
  const { signal } = new AbortController();
  return { requestId: 'r1', deadlineMs: Date.now() + 900_000, reporter: deps.reporter, signal, ...changed };
}

/** The function that transcribes, with everything but the disk a stand-in. */
export async function transcribeBench(given: Parameters<typeof testDeps>[0] = {}, env: Record<string, string> = {}) {
  const queue = new FakeQueue();
  const urls: string[] = [];
  const lines: string[] = [];
  const openQueue = async (url: string) => {
    urls.push(url);
    return queue;
  };
  const deps = testDeps({ tempDir: await tempDir(), queue: openQueue, ...given });
  const settings = readPipelineSettings({ S3_BUCKET: 'data', ...env });
  const handler = createTranscribeHandler(settings, {
    ...deps,
    ...{ project: 'calls', modelDigest: fakeModel.digest, engine: async () => deps.engine },
    s3: async () => seeingAbsence(await deps.s3()),
    writeLine: (line) => lines.push(line),
  });
  const run = (event: unknown, changed: Partial<RunContext> = {}) => handler(event, runContext(deps, changed));
  return { deps, s3: deps.s3Objects, queue, urls, lines, run, metrics: () => metricsOf(lines.at(-1)) };
}

/** An event of SQS, as Lambda hands it over. */
export function queued(...messages: readonly { id: string; body: unknown; receiveCount?: number }[]) {
  return {
    Records: messages.map(({ id, body, receiveCount = 1 }) => ({
      messageId: id,
      receiptHandle: `receipt-${id}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: '1' },
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:calls-recordings',
      awsRegion: 'eu-west-1',
    })),
  };
}
