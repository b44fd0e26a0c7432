import { UsageError } from '../base/errors/mlops-error.js';

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const suffixes: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `500m` -> 0.5, `1Gi` -> 1073741824, `2` -> 2. Throws UsageError `INVALID_QUANTITY`. */
export function parseQuantity(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([mkKMGT]i?)?$/.exec(text);
  const factor = suffixes[match?.[2] ?? ''];
  if (match === null || factor === undefined) {
    throw new UsageError(`'${text}' is not a quantity`, {
      code: 'INVALID_QUANTITY',
      why: 'Expected a Kubernetes quantity such as 1, 500m or 1Gi.',
    });
  }
  return Number(match[1]) * factor;
}
