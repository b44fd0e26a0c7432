import type { Predictions, Predictor } from '../../src/lib/inference/session.js';
import type { Model } from '../../src/lib/model/types.js';

export const fakeFeatures = 3;

export const fakeModel: Model = {
  name: 'fake',
  version: '7',
  path: '/nowhere/fake.onnx',
  digest: 'd'.repeat(64),
  sizeBytes: 1,
  signature: {
    inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, fakeFeatures] }],
    outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
    featureNames: ['first', 'second', 'third'],
  },
};

/** Answers every row with its first number, so that a mixed-up answer is seen, and keeps what it was asked. */
export class FakePredictor implements Predictor {
  readonly model: Model;
  readonly features: number;
  readonly inputType: Predictor['inputType'];
  readonly labelType: Predictor['labelType'];
  /** Rows of each run. */
  readonly runs: number[] = [];
  mostAtATime = 0;
  /** Thrown instead of an answer. */
  failure: Error | undefined;
  #now = 0;
  #held: { readonly gate: Promise<void>; readonly open: () => void } | undefined;

  constructor(shape: Partial<Pick<Predictor, 'model' | 'features' | 'inputType' | 'labelType'>> = {}) {
    this.model = shape.model ?? fakeModel;
    this.features = shape.features ?? fakeFeatures;
    this.inputType = shape.inputType ?? 'float32';
    this.labelType = shape.labelType ?? 'integer';
  }

  /** Runs wait from now on until `release`. */
  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = { gate: promise, open: resolve };
  }

  release(): void {
    this.#held?.open();
    this.#held = undefined;
  }

  async predict(rows: Float32Array, rowCount: number): Promise<Predictions> {
    this.runs.push(rowCount);
    this.mostAtATime = Math.max(this.mostAtATime, ++this.#now);
    try {
      await this.#held?.gate;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.failure !== undefined) throw this.failure;
      const labels = Array.from({ length: rowCount }, (_, row) => rows[row * this.features] as number);
      const values = Float32Array.from(labels.flatMap((label) => [label, -label]));
      const named = this.labelType === 'string' ? labels.map((label) => `class "${label}"`) : labels;
      return { labels: named, probabilities: { values, classes: 2 } };
    } finally {
      this.#now--;
    }
  }

  async close(): Promise<void> {}
}
