/**
 * How class probabilities follow from the decision values `z`:
 * - `sigmoid`: two classes, p1 = sigmoid(z)
 * - `binary-softmax`: two classes, softmax([-z, z])
 * - `softmax`: softmax over one value per class
 * - `normalized-sigmoids`: one-vs-rest, sigmoid of each value divided by their sum
 */
export type LinkFunction = 'sigmoid' | 'binary-softmax' | 'softmax' | 'normalized-sigmoids';

/** Labels in the order of the probabilities; booleans become 0 and 1. */
export type ClassLabels =
  | { readonly type: 'integer'; readonly values: readonly bigint[] }
  | { readonly type: 'string'; readonly values: readonly string[] };

/** A fitted linear classifier, free of the library that fitted it. */
export interface LinearClassifier {
  readonly features: number;
  readonly featureNames?: readonly string[];
  readonly classes: ClassLabels;
  /** Rows of `features` weights: one row for two classes (it speaks for the second), else one per class. */
  readonly coefficients: Float64Array;
  /** One per row of coefficients. */
  readonly intercepts: Float64Array;
  readonly link: LinkFunction;
  /** Where it comes from. */
  readonly source: { readonly library: string; readonly version: string; readonly className: string };
  /** What a person should know about the import. */
  readonly warnings: readonly string[];
}
