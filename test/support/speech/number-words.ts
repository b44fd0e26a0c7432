/** The words that numbers are spoken with, by what they do to the number before them. */
export type NumberWord =
  | { readonly kind: 'digit' | 'teen' | 'ten' | 'multiplier'; readonly value: number; readonly suffix: string }
  | { readonly kind: 'zero' }
  | { readonly kind: 'sign'; readonly symbol: string }
  | { readonly kind: 'currency'; readonly symbol: string }
  | { readonly kind: 'per' | 'percent' | 'and' | 'repeat' | 'point' };

const small = [
  'one two three four five six seven eight nine ten eleven twelve thirteen',
  'fourteen fifteen sixteen seventeen eighteen nineteen',
]
  .join(' ')
  .split(' ');
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const powers = 'thousand million billion trillion quadrillion'.split(' ');
const irregular: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'nineth',
  twelve: 'twelfth',
};
const ordinalEnding: Readonly<Record<string, string>> = { one: 'st', two: 'nd', three: 'rd' };

/** Every word with its plural and its ordinal. (`ninth` is spelt `nineth` where this comes from: it stays a word.) */
export const numberWords: ReadonlyMap<string, NumberWord> = new Map([
  ...small.flatMap((word, index) =>
    forms(word, index < 9 ? 'digit' : 'teen', index + 1, irregular[word] ?? `${word}th`, ordinalEnding[word] ?? 'th'),
  ),
  ...tens.flatMap((word, index) => forms(word, 'ten', 20 + 10 * index, word.replace('y', 'ieth'), 'th')),
  ...forms('hundred', 'multiplier', 100, 'hundredth', 'th'),
  ...powers.flatMap((word, index) => forms(word, 'multiplier', 1000 ** (index + 1), `${word}th`, 'th')),
  ['zeroth', { kind: 'digit', value: 0, suffix: 'th' }],
  ...['o', 'oh', 'zero'].map((word) => [word, { kind: 'zero' }] as const),
  ...['minus', 'negative'].map((word) => [word, { kind: 'sign', symbol: '-' }] as const),
  ...['plus', 'positive'].map((word) => [word, { kind: 'sign', symbol: '+' }] as const),
  ...Object.entries({ pound: '£', euro: '€', dollar: '$', cent: '¢' }).flatMap(([word, symbol]) =>
    [word, `${word}s`].map((form) => [form, { kind: 'currency', symbol }] as const),
  ),
  ['per', { kind: 'per' }],
  ['percent', { kind: 'percent' }],
  ['and', { kind: 'and' }],
  ['double', { kind: 'repeat' }],
  ['triple', { kind: 'repeat' }],
  ['point', { kind: 'point' }],
]);

function forms(
  word: string,
  kind: 'digit' | 'teen' | 'ten' | 'multiplier',
  value: number,
  ordinal: string,
  ending: string,
): (readonly [string, NumberWord])[] {
  const plural = word === 'six' ? 'sixes' : word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
  return [
    [word, { kind, value, suffix: '' }],
    [plural, { kind, value, suffix: 's' }],
    [ordinal, { kind, value, suffix: ending }],
  ];
}
