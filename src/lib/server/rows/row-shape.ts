import type { Predictor } from '../../inference/session.js';

/** What one row of a request has to look like. */
export interface RowShape {
  /** Numbers per row. */
  readonly features: number;
  /** Names of the columns, in their order, when the model knows them. */
  readonly featureNames: readonly string[] | undefined;
  /** The model takes whole numbers only. */
  readonly wholeNumbers: boolean;
  readonly maxRows: number;
}

export interface Rows {
  /** Row-major. */
  readonly values: Float32Array;
  readonly count: number;
}

export function rowShape(predictor: Predictor, maxRows: number): RowShape {
  return {
    features: predictor.features,
    featureNames: predictor.model.signature.featureNames,
    wholeNumbers: predictor.inputType === 'int64',
    maxRows,
  };
}
