import { normalizeNumbers } from './number-normalizer.js';

/** Contractions and titles, in the order in which they are looked for. */
const contractions: readonly (readonly [RegExp, string])[] = (
  [
    ["won't", 'will not'],
    ["can't", 'can not'],
    ["let's", 'let us'],
    ["ain't", 'aint'],
    ["y'all", 'you all'],
    ['wanna', 'want to'],
    ['gotta', 'got to'],
    ['gonna', 'going to'],
    ["ma'am", 'madam'],
    ...Object.entries({
      mr: 'mister',
      mrs: 'missus',
      st: 'saint',
      dr: 'doctor',
      prof: 'professor',
      capt: 'captain',
      gov: 'governor',
      gen: 'general',
      sen: 'senator',
      rev: 'reverend',
      hon: 'honorable',
      assoc: 'associate',
      lt: 'lieutenant',
      col: 'colonel',
      jr: 'junior',
      sr: 'senior',
      esq: 'esquire',
    }).map(([short, long]) => [short, `${long} `]),
  ] as [string, string][]
).map(([short, long]) => [new RegExp(`\\b${short}\\b`, 'g'), long] as const);

const endings: readonly (readonly [RegExp, string])[] = [
  ["'d been", ' had been'],
  ["'s been", ' has been'],
  ["'d gone", ' had gone'],
  ["'s gone", ' has gone'],
  ["'d done", ' had done'],
  ["'s got", ' has got'],
  ["n't", ' not'],
  ["'re", ' are'],
  ["'s", ' is'],
  ["'d", ' would'],
  ["'ll", ' will'],
  ["'t", ' not'],
  ["'ve", ' have'],
  ["'m", ' am'],
].map(([short, long]) => [new RegExp(`${short}\\b`, 'g'), long as string] as const);

/**
 * English text as word errors are counted on it, by the rules of Whisper's EnglishTextNormalizer
 * (https://github.com/openai/whisper, whisper/normalizers, MIT), but for its list of British spellings.
 */
export function normalizeEnglish(text: string): string {
  let clean = text
    .toLowerCase()
    .replace(/[<[][^>\]]*[>\]]/g, '')
    .replace(/\([^)]+?\)/g, '')
    .replace(/\b(hmm|mm|mhm|mmm|uh|um)\b/g, '')
    .replace(/\s+'/g, "'");
  for (const [pattern, long] of [...contractions, ...endings]) clean = clean.replace(pattern, long);
  clean = clean
    .replace(/(\d),(?=\d)/g, '$1')
    .replace(/\.([^0-9]|$)/g, ' $1')
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[^.%$¢€£](?<=[\p{M}\p{S}\p{P}])/gu, ' ');
  return normalizeNumbers(clean)
    .replace(/([$¢€£])\s+(?=\d)/g, '$1')
    .replace(/(\d)\s+%/g, '$1%')
    .replace(/[.$¢€£](?=\D)/g, ' ')
    .replace(/(\D)%/g, '$1 ')
    .replace(/\s+/g, ' ')
    .trim();
}
