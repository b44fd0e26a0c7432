import { tmpdir } from 'node:os';
import type { Reporter } from '../../../src/lib/base/progress/reporter.js';
import type { RecordingsDeps } from '../../../src/lib/recordings/deps.js';
import { type FakeEngine, fakeEngine, fakeModel } from './fake-engine.js';
import { FakeS3 } from './fake-s3.js';

export interface TestDeps extends RecordingsDeps {
  readonly engine: FakeEngine;
  readonly s3Objects: FakeS3;
  /** Everything that was reported, a line each. */
  readonly said: string[];
}

/** Everything but the disk is a stand-in. */
export function testDeps(given: Partial<RecordingsDeps> & { engine?: FakeEngine; s3Objects?: FakeS3 } = {}): TestDeps {
  const { engine = fakeEngine(), s3Objects = new FakeS3() } = given;
  const said: string[] = [];
  return {
    engine,
    s3Objects,
    said,
    reporter: recordingReporter(said),
    cwd: tmpdir(),
    tempDir: tmpdir(),
    now: Date.now,
    sleep: async (_ms, signal) => signal?.throwIfAborted(),
    s3: async () => s3Objects,
    queue: () => Promise.reject(new Error('A test asked for a queue')),
    modelDigest: () => fakeModel.digest,
    speechModel: async () => fakeModel,
    openEngine: async () => engine,
    looksLikeAudio: async () => false,
    cores: 2,
    memoryBytes: 2 ** 40,
    ...given,
  };
}

function recordingReporter(said: string[]): Reporter {
  return {
    step: (title) => {
      said.push(title);
      return {
        update() {},
        succeed: (text = title) => said.push(`ok ${text}`),
        fail: (text = title) => said.push(`not ok ${text}`),
      };
    },
    note: (message) => said.push(message),
    warn: (message) => said.push(`Warning: ${message}`),
  };
}
