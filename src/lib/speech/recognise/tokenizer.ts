import tokenizer from 'llama-tokenizer-js';

/** Sentence pieces of the Llama tokenizer; ids above are of the model alone and stand for no text. */
const pieces = 32_000;
/** Unknown, begin and end of a sequence. */
const controls = 3;

/** The text of a model's tokens, without the control tokens. */
export function textOf(tokens: readonly number[]): string {
  const ids = tokens.filter((id) => id >= controls && id < pieces);
  // The two flags say that the first token is no begin-of-sequence, and that its space is one that was put there.
  return tokenizer.decode(ids, false, false).trim();
}
