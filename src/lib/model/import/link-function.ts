import type { PickleValue } from '../pickle/values.js';
import { notImportable } from './errors.js';
import type { LinkFunction } from './linear-classifier.js';
import { hasMultiClass, type SklearnVersion } from './sklearn-version.js';

export interface LinkParameters {
  readonly version: SklearnVersion;
  readonly classes: number;
  readonly multiClass: PickleValue | undefined;
  readonly solver: PickleValue | undefined;
}

/**
 * What `LogisticRegression.predict_proba` of that version does. Before 1.8:
 * `ovr = multi_class in ['ovr', 'warn'] or (multi_class in ['auto', 'deprecated'] and (n_classes <= 2 or solver == 'liblinear'))`,
 * with softmax([-z, z]) for two classes otherwise. A missing `multi_class` counts as its default.
 * Source: sklearn/linear_model/_logistic.py of 0.24 to 1.9.
 */
export function linkFunction({ version, classes, multiClass, solver }: LinkParameters): LinkFunction {
  if (!hasMultiClass(version)) return classes === 2 ? 'sigmoid' : 'softmax';
  switch (multiClass) {
    case 'ovr':
    case 'warn':
      return classes === 2 ? 'sigmoid' : 'normalized-sigmoids';
    case 'multinomial':
      return classes === 2 ? 'binary-softmax' : 'softmax';
    case 'auto':
    case 'deprecated':
    case undefined:
      if (classes === 2) return 'sigmoid';
      return solver === 'liblinear' ? 'normalized-sigmoids' : 'softmax';
    default:
      throw notImportable(`Its multi_class is neither 'auto', 'ovr', 'multinomial', 'warn' nor 'deprecated'.`);
  }
}
