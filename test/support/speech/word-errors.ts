import { normalizeEnglish } from './normalize-english.js';

export interface WordErrors {
  /** Substituted, inserted and deleted words, the fewest that make one text of the other. */
  readonly errors: number;
  /** Of the reference. */
  readonly words: number;
}

/** Word errors after normalisation (Levenshtein distance over words). */
export function wordErrors(reference: string, text: string): WordErrors {
  const [expected, given] = [reference, text].map((each) => normalizeEnglish(each).split(' ').filter(Boolean)) as [
    string[],
    string[],
  ];
  let row = given.map((_, index) => index + 1);
  for (const [index, word] of expected.entries()) {
    let [diagonal, left] = [index, index + 1];
    row = row.map((above, column) => {
      left = Math.min(above + 1, left + 1, diagonal + (given[column] === word ? 0 : 1));
      diagonal = above;
      return left;
    });
  }
  return { errors: row.at(-1) ?? expected.length, words: expected.length };
}

export function sumOf(all: readonly WordErrors[]): WordErrors {
  return all.reduce((a, b) => ({ errors: a.errors + b.errors, words: a.words + b.words }), { errors: 0, words: 0 });
}
