/** What is this much less likely than the best, e^-14, adds nothing that can be seen. */
const negligible = 14;

/** The likeliest token of one step, and the logarithm of its probability (of the softmax of the logits). */
export function pickToken(logits: Float32Array): { token: number; logProbability: number } {
  let token = 0;
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] as number;
    if (logit > best) {
      best = logit;
      token = i;
    }
  }
  let sum = 0;
  const worth = best - negligible;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] as number;
    if (logit > worth) sum += Math.exp(logit - best);
  }
  return { token, logProbability: -Math.log(sum) };
}
