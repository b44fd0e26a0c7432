import { describe, expect, test } from 'vitest';
import { MlopsError } from '../../../../src/lib/base/errors/mlops-error.js';
import { readLogisticRegression } from '../../../../src/lib/model/import/logistic-regression.js';
import { readPickle } from '../../../../src/lib/model/pickle/read-pickle.js';
import { pickleFixture } from '../../../support/pickles.js';

const samples = [
  'sk1.9.1-binary-p0.pkl',
  'sk1.9.1-multi-strings-p2.pkl',
  'sk1.9.1-frame-p5.pkl',
  'sk1.6.1-big-endian-p5.pkl',
  'sk1.9.1-frame.joblib',
  'sk1.9.1-frame.zlib.joblib',
];

/** Nothing but an error of ours may come out; a hang fails by the time limit of the test. */
function survive(bytes: Uint8Array): 'read' | 'refused' {
  try {
    readLogisticRegression(readPickle(bytes));
    return 'read';
  } catch (error) {
    if (error instanceof MlopsError) return 'refused';
    throw new Error(`not an error of ours, for ${Buffer.from(bytes).toString('base64')}`, { cause: error });
  }
}

/** mulberry32: the same bytes in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe.each(samples)('%s', (name) => {
  const original = pickleFixture(name);

  test('is read whole and refused when cut off at any byte', () => {
    expect(survive(original)).toBe('read');
    for (let length = 0; length < original.length; length++) {
      expect(survive(original.subarray(0, length)), `cut to ${length} bytes`).toBe('refused');
    }
  });

  test('never crashes when bytes are changed, dropped, doubled or put elsewhere', () => {
    const next = random(20_240_131);
    const below = (limit: number) => Math.floor(next() * limit);
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < 1500; round++) {
      let bytes = Buffer.from(original);
      for (let changes = 1 + below(3); changes > 0; changes--) {
        const at = below(bytes.length);
        const to = below(bytes.length);
        const action = below(4);
        if (action === 0) bytes[at] = below(256);
        else if (action === 1) bytes[at] = (bytes[at] as number) ^ (1 << below(8));
        else if (action === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(at, to))]);
        else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to, to + below(40)), bytes.subarray(at)]);
        if (bytes.length === 0) bytes = Buffer.of(0);
      }
      outcomes[survive(bytes)] += 1;
    }
    expect(outcomes.refused).toBeGreaterThan(250);
  });
});

test('random bytes after a header are refused', () => {
  const next = random(7);
  const opcodes = Buffer.from(
    ']}().0129:NRabcdeghijlopqrstuGIJKLMTUVX\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x91\x93\x94\x95',
    'latin1',
  );
  for (let round = 0; round < 5000; round++) {
    const body = Array.from({ length: 60 }, () => opcodes[Math.floor(next() * opcodes.length)] as number);
    expect(survive(Buffer.from([0x80, 4, ...body]))).toBe('refused');
  }
});
