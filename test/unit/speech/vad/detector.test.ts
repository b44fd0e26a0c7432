import { expect, test } from 'vitest';
import type { Graph, Tensor } from '../../../../src/lib/inference/graph.js';
import { createVoiceDetector, windowSamples } from '../../../../src/lib/speech/vad/silero.js';
import { Windows } from '../../../../src/lib/speech/vad/windows.js';

type Feeds = Readonly<Record<string, Tensor>>;

/** A graph that keeps what it was given; its state counts the runs. */
function recordingGraph(): { graph: Graph; runs: { input: number[]; state: number; rate: bigint }[] } {
  const runs: { input: number[]; state: number; rate: bigint }[] = [];
  const tensor = (data: unknown, dims: readonly number[]) => ({ data, dims }) as unknown as Tensor;
  const graph: Graph = {
    inputs: [],
    outputs: [],
    tensor: (_type, values, shape) => tensor(values, shape),
    run: async (feeds: Feeds) => {
      const [input, before, sr] = ['input', 'state', 'sr'].map((name) => feeds[name]?.data);
      const state = (before as Float32Array).at(0) ?? Number.NaN;
      runs.push({ input: [...(input as Float32Array)], state, rate: (sr as BigInt64Array).at(0) ?? 0n });
      return {
        output: tensor(Float32Array.of(0.25 * (state + 1)), [1, 1]),
        stateN: tensor(Float32Array.of(state + 1), [2, 1, 128]),
      };
    },
    close: async () => undefined,
  };
  return { graph, runs };
}

test('the detector hears the end of the last window before the new one, and remembers', async () => {
  const { graph, runs } = recordingGraph();
  const detector = createVoiceDetector(graph);
  const window = (from: number) => Float32Array.from({ length: windowSamples }, (_, i) => from + i);
  expect(await detector.probability(window(1))).toBe(0.25);
  expect(await detector.probability(window(1001))).toBe(0.5);
  expect(runs.map(({ state, rate }) => [state, rate])).toEqual([
    [0, 16_000n],
    [1, 16_000n],
  ]);
  expect(runs[0]?.input).toEqual([...new Float32Array(64), ...window(1)]);
  expect(runs[1]?.input).toEqual([...window(1).slice(-64), ...window(1001)]);
});

test('blocks of any length become windows, and nothing is lost', () => {
  const windows = new Windows();
  const samples = Float32Array.from({ length: 2000 }, (_, i) => i);
  const seen: number[] = [];
  for (const [from, to] of [
    [0, 100],
    [100, 100],
    [100, 1200],
    [1200, 2000],
  ]) {
    for (const window of windows.of(samples.subarray(from, to))) {
      expect(window).toHaveLength(windowSamples);
      seen.push(...window);
    }
  }
  const rest = windows.rest();
  expect([...seen, ...(rest?.window.subarray(0, rest.samples) ?? [])]).toEqual([...samples]);
  expect([...(rest?.window.subarray(rest.samples) ?? [])].every((sample) => sample === 0)).toBe(true);
  expect(windows.rest()).toBeUndefined();
});
