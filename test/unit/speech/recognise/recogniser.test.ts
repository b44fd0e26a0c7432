import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import tokenizer from 'llama-tokenizer-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openGraph } from '../../../../src/lib/inference/graph.js';
import { createRecogniser, type Recogniser } from '../../../../src/lib/speech/recognise/recogniser.js';
import { speechRateHz } from '../../../../src/lib/speech/types.js';
import { errorOf } from '../../../support/errors.js';
import { type SyntheticSpeech, syntheticSpeech } from '../../../support/speech/synthetic-model.js';
import { tempDir } from '../../../support/temp-dir.js';

const end = 2;
const seconds = (count: number) => new Float32Array(count * speechRateHz);
const idsOf = (text: string) => tokenizer.encode(text, false, true);

async function recogniserOf(speech: Partial<SyntheticSpeech> & { tokens: readonly number[] }): Promise<Recogniser> {
  const dir = await tempDir();
  const { encoder, decoder } = syntheticSpeech({ layers: 2, heads: 3, headSize: 4, ...speech });
  await writeFile(join(dir, 'encoder.onnx'), encoder);
  await writeFile(join(dir, 'decoder.onnx'), decoder);
  const graphs = await Promise.all([openGraph(join(dir, 'encoder.onnx')), openGraph(join(dir, 'decoder.onnx'))]);
  const recogniser = createRecogniser(...graphs);
  onTestFinished(() => recogniser.close());
  return recogniser;
}

describe('greedy decoding with a cache', () => {
  test.each([
    { layers: 6, heads: 8, headSize: 36 },
    { layers: 8, heads: 8, headSize: 52 },
    { layers: 1, heads: 2, headSize: 3 },
  ])('takes $layers layers of $heads heads of $headSize from the graph', async (shape) => {
    const recogniser = await recogniserOf({ ...shape, tokens: [...idsOf('he was not an ill disposed man'), end] });
    for (let round = 0; round < 2; round++) {
      const { text, cut, logProbability } = await recogniser.recognise(seconds(5));
      expect(text).toBe('he was not an ill disposed man');
      expect(cut).toBeUndefined();
      expect(logProbability).toBeGreaterThan(-0.01);
    }
  });

  test('nothing is said where the model ends at once', async () => {
    const recogniser = await recogniserOf({ tokens: [end] });
    expect(await recogniser.recognise(seconds(1))).toMatchObject({ text: '' });
    expect(await recogniser.recognise(new Float32Array(100))).toMatchObject({ text: '' });
  });

  test('six tokens a second and no more: what runs away is cut, and said to be', async () => {
    const words = idsOf('one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen');
    const recogniser = await recogniserOf({ tokens: [...words, end] });
    const { text, cut } = await recogniser.recognise(seconds(1));
    expect(text).toBe(tokenizer.decode(words.slice(0, 6), false, false).trim());
    expect(cut).toBe('runaway');
    expect((await recogniser.recognise(seconds(5))).cut).toBeUndefined();
  });

  test('a text that turns in circles is cut after its first turn', async () => {
    const [start, loop] = [idsOf('and then'), idsOf('the end of')];
    const recogniser = await recogniserOf({
      tokens: [...start, ...Array.from({ length: 30 }, () => loop).flat(), end],
    });
    const { text, cut } = await recogniser.recognise(seconds(20));
    expect(text).toBe('and then the end of');
    expect(cut).toBe('repetition');
  });

  test('stops between two tokens when it is aborted', async () => {
    const recogniser = await recogniserOf({ tokens: [...idsOf('one two three four five six'), end] });
    const abort = new AbortController();
    const running = recogniser.recognise(seconds(5), abort.signal);
    setImmediate(() => abort.abort(new Error('enough')));
    await expect(running).rejects.toThrow('enough');
  });

  test('a model that is no decoder of speech is refused by what it lacks', async () => {
    const graph = {
      inputs: [{ name: 'x', shape: [1] }],
      outputs: [],
      tensor: () => {
        throw new Error('not reached');
      },
      run: async () => ({}),
      close: async () => undefined,
    };
    const error = await errorOf(() => createRecogniser(graph, graph));
    expect(error).toMatchObject({ code: 'MODEL_NOT_SPEECH', why: 'It has no input input_ids.' });
  });
});
