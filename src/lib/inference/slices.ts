import type { Predictions } from './session.js';

/** The predictions of `count` rows from row `from` on. Probabilities are a view of the same memory. */
export function slicePredictions(predictions: Predictions, from: number, count: number): Predictions {
  const { labels, probabilities } = predictions;
  if (from === 0 && count === labels.length) return predictions;
  const part = labels.slice(from, from + count);
  if (probabilities === undefined) return { labels: part };
  const { values, classes } = probabilities;
  return {
    labels: part,
    probabilities: { values: values.subarray(from * classes, (from + count) * classes), classes },
  };
}

/** The parts of one request in their order as one. */
export function joinPredictions(parts: readonly Predictions[]): Predictions {
  const labels = parts.flatMap((part) => part.labels);
  const classes = parts[0]?.probabilities?.classes;
  if (classes === undefined) return { labels };
  const values = new Float32Array(labels.length * classes);
  let offset = 0;
  for (const { probabilities } of parts) {
    if (probabilities === undefined) return { labels };
    values.set(probabilities.values, offset);
    offset += probabilities.values.length;
  }
  return { labels, probabilities: { values, classes } };
}
