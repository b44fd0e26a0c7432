/** A loop is this many tokens at least: shorter ones are how people talk ("no, no, no, no"). */
const minLoopTokens = 16;
const minTurns = 5;
const longestPeriod = 24;

/**
 * Where a sequence began to turn in circles: the number of tokens to keep, one turn of the loop included; undefined when
 * it ends in none. Only its end is looked at: to be called after every token.
 */
export function loopStart(tokens: readonly number[]): number | undefined {
  for (let period = 1; period <= longestPeriod; period++) {
    const turns = Math.max(minTurns, Math.ceil(minLoopTokens / period));
    if (period * turns > tokens.length) continue;
    if (endsInLoop(tokens, period, turns)) return firstOfLoop(tokens, period) + period;
  }
  return undefined;
}

function endsInLoop(tokens: readonly number[], period: number, turns: number): boolean {
  const begin = tokens.length - period * (turns - 1);
  for (let i = tokens.length - 1; i >= begin; i--) {
    if (tokens[i] !== tokens[i - period]) return false;
  }
  return true;
}

function firstOfLoop(tokens: readonly number[], period: number): number {
  let first = tokens.length - period;
  while (first > 0 && tokens[first - 1] === tokens[first - 1 + period]) first--;
  return first;
}
