import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Batcher, type BatcherLimits } from '../../../src/lib/inference/batcher.js';
import { FakePredictor, fakeFeatures } from '../../support/fake-predictor.js';
import { between, seeded } from '../../support/random.js';

function batcherWith(limits: Partial<BatcherLimits> = {}) {
  const predictor = new FakePredictor();
  const observer = { waited: vi.fn<(ms: number) => void>(), ran: vi.fn<(rows: number, ms: number) => void>() };
  const batcher = new Batcher(predictor, { batchRows: 8, queueRows: 100, timeoutMs: 10_000, ...limits }, observer);
  return { predictor, observer, batcher };
}

/** Rows whose first numbers are `from`, `from + 1`, ... */
function rowsFrom(from: number, count: number): Float32Array {
  const rows = new Float32Array(count * fakeFeatures);
  for (let row = 0; row < count; row++) rows[row * fakeFeatures] = from + row;
  return rows;
}

describe('batches', () => {
  it('runs a single request at once, alone', async () => {
    const { predictor, batcher, observer } = batcherWith();
    const { labels, probabilities } = await batcher.submit(rowsFrom(5, 1), 1);
    expect(labels).toEqual([5]);
    expect([...(probabilities?.values ?? [])]).toEqual([5, -5]);
    expect(predictor.runs).toEqual([1]);
    expect(observer.waited).toHaveBeenCalledOnce();
    expect(observer.ran).toHaveBeenCalledExactlyOnceWith(1, expect.any(Number));
  });

  it('puts what arrives in the same turn of the event loop into one run', async () => {
    const { predictor, batcher } = batcherWith();
    const answers = await Promise.all([1, 2, 3, 4].map((value) => batcher.submit(rowsFrom(value, 1), 1)));
    expect(answers.map(({ labels }) => labels)).toEqual([[1], [2], [3], [4]]);
    expect(predictor.runs).toEqual([4]);
  });

  it('makes the next run of what arrived meanwhile', async () => {
    const { predictor, batcher } = batcherWith();
    predictor.hold();
    const first = batcher.submit(rowsFrom(0, 2), 2);
    await setImmediate();
    const others = [10, 20, 30].map((value) => batcher.submit(rowsFrom(value, 2), 2));
    expect(batcher.waitingRows).toBe(6);
    predictor.release();
    expect((await first).labels).toEqual([0, 1]);
    expect((await Promise.all(others)).map(({ labels }) => labels)).toEqual([
      [10, 11],
      [20, 21],
      [30, 31],
    ]);
    expect(predictor.runs).toEqual([2, 6]);
    expect(batcher.waitingRows).toBe(0);
  });

  it('waits for its gate before each run', async () => {
    const { predictor, batcher } = batcherWith();
    let gate: PromiseWithResolvers<void> | undefined = Promise.withResolvers<void>();
    batcher.waitsFor(() => gate?.promise);
    const first = batcher.submit(rowsFrom(1, 1), 1);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(predictor.runs).toEqual([]);
    const second = batcher.submit(rowsFrom(2, 1), 1);
    gate.resolve();
    await Promise.all([first, second]);
    gate = undefined;
    await batcher.submit(rowsFrom(3, 1), 1);
    expect(predictor.runs).toEqual([2, 1]);
  });

  it('spreads a request over several runs when it has more rows than one may have', async () => {
    const { predictor, batcher } = batcherWith({ batchRows: 8 });
    const { labels, probabilities } = await batcher.submit(rowsFrom(100, 20), 20);
    expect(labels).toEqual(Array.from({ length: 20 }, (_, row) => 100 + row));
    expect([...(probabilities?.values ?? [])].filter((value) => value > 0)).toEqual(labels);
    expect(predictor.runs).toEqual([8, 8, 4]);
  });

  it('never exceeds the cap, runs one at a time, loses and mixes up nothing (500 random requests)', async () => {
    const random = seeded(20_260_101);
    const { predictor, batcher, observer } = batcherWith({ batchRows: 16, queueRows: 10_000 });
    const answers: Promise<void>[] = [];
    let next = 0;
    for (let request = 0; request < 500; request++) {
      const [from, count] = [next, between(random, 1, 40)];
      next += count;
      const expected = Array.from({ length: count }, (_, row) => from + row);
      answers.push(
        batcher.submit(rowsFrom(from, count), count).then(({ labels, probabilities }) => {
          expect(labels).toEqual(expected);
          expect([...(probabilities?.values ?? [])]).toEqual(expected.flatMap((label) => [label, -label]));
        }),
      );
      if (random() < 0.2) await setImmediate();
    }
    await Promise.all(answers);
    expect(Math.max(...predictor.runs)).toBe(16);
    expect(predictor.mostAtATime).toBe(1);
    expect(predictor.runs.reduce((sum, rows) => sum + rows, 0)).toBe(next);
    expect(observer.ran.mock.calls.map(([rows]) => rows)).toEqual(predictor.runs);
    expect(observer.waited).toHaveBeenCalledTimes(500);
    expect(batcher.waitingRows).toBe(0);
  });
});

describe('limits', () => {
  it('refuses rows on top of a full queue, and takes them again afterwards', async () => {
    const { predictor, batcher } = batcherWith({ queueRows: 4 });
    predictor.hold();
    const running = batcher.submit(rowsFrom(0, 1), 1);
    await setImmediate();
    const waiting = batcher.submit(rowsFrom(1, 4), 4);
    await expect(batcher.submit(rowsFrom(9, 1), 1)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect([batcher.waitingRows, batcher.full]).toEqual([4, true]);
    predictor.release();
    await Promise.all([running, waiting]);
    expect(batcher.full).toBe(false);
    expect((await batcher.submit(rowsFrom(9, 1), 1)).labels).toEqual([9]);
  });

  it('takes a request whole that begins within the limit', async () => {
    const { batcher } = batcherWith({ queueRows: 4 });
    const first = batcher.submit(rowsFrom(0, 3), 3);
    const beyond = batcher.submit(rowsFrom(10, 3), 3);
    await expect(batcher.submit(rowsFrom(9, 1), 1)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect((await first).labels).toEqual([0, 1, 2]);
    expect((await beyond).labels).toEqual([10, 11, 12]);
  });

  it('says how many requests have made room', async () => {
    const { batcher } = batcherWith({ batchRows: 4 });
    const taken = vi.fn<(requests: number) => void>();
    batcher.onTaken(taken);
    await Promise.all([batcher.submit(rowsFrom(0, 2), 2), batcher.submit(rowsFrom(0, 3), 3)]);
    expect(taken.mock.calls).toEqual([[1], [1]]);
  });

  it('gives up on requests that are not answered in time, waiting or running', async () => {
    const { predictor, batcher } = batcherWith({ timeoutMs: 20 });
    predictor.hold();
    const running = batcher.submit(rowsFrom(0, 1), 1);
    await setImmediate();
    const waiting = batcher.submit(rowsFrom(1, 3), 3);
    await expect(running).rejects.toMatchObject({ code: 'PREDICTION_TIMEOUT' });
    await expect(waiting).rejects.toMatchObject({ code: 'PREDICTION_TIMEOUT', why: expect.stringContaining('20 ms') });
    expect(batcher.waitingRows).toBe(0);
    predictor.release();
    expect((await batcher.submit(rowsFrom(5, 1), 1)).labels).toEqual([5]);
    expect(predictor.runs).toEqual([1, 1]);
  });

  it('gives each request its own time', async () => {
    const { predictor, batcher } = batcherWith({ timeoutMs: 60 });
    predictor.hold();
    const early = batcher.submit(rowsFrom(0, 1), 1);
    await setTimeout(30);
    const late = batcher.submit(rowsFrom(1, 1), 1);
    await expect(early).rejects.toMatchObject({ code: 'PREDICTION_TIMEOUT' });
    expect(batcher.waitingRows).toBe(1);
    await expect(late).rejects.toMatchObject({ code: 'PREDICTION_TIMEOUT' });
  });

  it('gives up on the rest of a request that is spread over runs', async () => {
    const { predictor, batcher } = batcherWith({ batchRows: 2, timeoutMs: 20 });
    predictor.hold();
    await expect(batcher.submit(rowsFrom(0, 6), 6)).rejects.toMatchObject({ code: 'PREDICTION_TIMEOUT' });
    expect(batcher.waitingRows).toBe(0);
    predictor.release();
    await batcher.submit(rowsFrom(1, 1), 1);
    expect(predictor.runs).toEqual([2, 1]);
  });
});

describe('clients that go away', () => {
  it('drops their rows before a run', async () => {
    const { predictor, batcher } = batcherWith();
    predictor.hold();
    const running = batcher.submit(rowsFrom(0, 1), 1);
    await setImmediate();
    const client = { destroyed: false };
    const gone = expect(batcher.submit(rowsFrom(1, 5), 5, client)).rejects.toMatchObject({ code: 'CLIENT_GONE' });
    const stays = batcher.submit(rowsFrom(7, 1), 1, { destroyed: false });
    client.destroyed = true;
    predictor.release();
    await Promise.all([running, gone]);
    expect((await stays).labels).toEqual([7]);
    expect(predictor.runs).toEqual([1, 1]);
  });

  it('makes room for others when the queue is full of them', async () => {
    const { predictor, batcher } = batcherWith({ queueRows: 4 });
    predictor.hold();
    const running = batcher.submit(rowsFrom(0, 1), 1);
    await setImmediate();
    const client = { destroyed: false };
    const gone = expect(batcher.submit(rowsFrom(1, 4), 4, client)).rejects.toMatchObject({ code: 'CLIENT_GONE' });
    client.destroyed = true;
    const other = batcher.submit(rowsFrom(7, 2), 2);
    await gone;
    expect(batcher.waitingRows).toBe(2);
    predictor.release();
    await running;
    expect((await other).labels).toEqual([7, 8]);
  });

  it('are looked for once in a turn of the event loop, however many are refused in it', async () => {
    const { predictor, batcher } = batcherWith({ queueRows: 50 });
    predictor.hold();
    const running = batcher.submit(rowsFrom(0, 1), 1);
    await setImmediate();
    let looks = 0;
    const client = {
      get destroyed() {
        looks++;
        return false;
      },
    };
    const waiting = Array.from({ length: 50 }, (_, row) => batcher.submit(rowsFrom(row, 1), 1, client));
    const refused = Array.from({ length: 200 }, () => batcher.submit(rowsFrom(0, 1), 1));
    await Promise.all(refused.map((each) => expect(each).rejects.toMatchObject({ code: 'QUEUE_FULL' })));
    expect(looks).toBe(50);
    predictor.release();
    await Promise.all([running, ...waiting]);
  });
});

describe('what is observed', () => {
  it('is the time that a request waited, and the time of the run alone', async () => {
    const { predictor, batcher, observer } = batcherWith();
    predictor.hold();
    const running = batcher.submit(rowsFrom(0, 1), 1);
    await setImmediate();
    const waiting = batcher.submit(rowsFrom(1, 1), 1);
    await setTimeout(50);
    predictor.release();
    await Promise.all([running, waiting]);
    const waited = observer.waited.mock.calls.map(([ms]) => ms);
    expect(waited).toHaveLength(2);
    expect(waited[1]).toBeGreaterThan(45);
    expect(waited[0]).toBeLessThan(waited[1] as number);
    expect(observer.ran.mock.calls[0]?.[1]).toBeGreaterThan(45);
  });
});

describe('failures', () => {
  it('fails the requests of the failed run only', async () => {
    const { predictor, batcher, observer } = batcherWith({ batchRows: 2 });
    predictor.failure = new Error('no');
    const failing = [0, 1].map((value) => expect(batcher.submit(rowsFrom(value, 1), 1)).rejects.toThrow('no'));
    const spread = expect(batcher.submit(rowsFrom(2, 4), 4)).rejects.toThrow('no');
    await Promise.all(failing);
    await spread;
    expect(batcher.waitingRows).toBe(0);
    predictor.failure = undefined;
    expect((await batcher.submit(rowsFrom(9, 1), 1)).labels).toEqual([9]);
    expect(observer.ran.mock.calls.map(([rows]) => rows)).toEqual([2, 2, 1]);
  });
});
