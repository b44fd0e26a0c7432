import { type NumberWord, numberWords } from './number-words.js';

/** Numbers as they grow word by word: `sum` can still be added to, `digits` are only written one after the other. */
type Value = { readonly sum: number } | { readonly digits: string };

const numeral = /^\d+(\.\d+)?$/;
const currencies = '£€$¢';

/**
 * Spoken numbers as digits, by the rules of Whisper's English number normaliser
 * (https://github.com/openai/whisper, whisper/normalizers, MIT): "forty three thousand two hundred and sixty" is 43260,
 * "nineteen ninety nine" 1999, "double oh seven" 007, "two dollars and seventy cents" $2.70.
 */
export function normalizeNumbers(text: string): string {
  return readable(new NumberReader().read(prepared(text).split(/\s+/).filter(Boolean)).join(' '));
}

class NumberReader {
  readonly #out: string[] = [];
  #value: Value | undefined;
  #prefix = '';

  read(words: readonly string[]): string[] {
    for (let at = 0; at < words.length; at++) {
      const [previous, word = '', next] = [words[at - 1], words[at], words[at + 1]];
      const meaning = numberWords.get(word);
      const sign = `${currencies}+-`.includes(word.charAt(0)) ? word.charAt(0) : '';
      if (numeral.test(word.slice(sign.length))) this.#numeral(word, sign);
      else if (meaning === undefined) this.#word(word);
      else if (this.#take(word, meaning, previous, next)) at++;
    }
    this.#flush();
    return this.#out;
  }

  /** Returns whether the next word is used up as well. */
  #take(word: string, meaning: NumberWord, previous: string | undefined, next: string | undefined): boolean {
    const nextCounts = next !== undefined && (numberWords.has(next) || numeral.test(next));
    switch (meaning.kind) {
      case 'zero':
        this.#write('0');
        return false;
      case 'digit':
      case 'teen':
      case 'ten':
      case 'multiplier':
        if (meaning.kind === 'multiplier') this.#multiply(meaning.value);
        else this.#add(meaning.kind, meaning.value, previous);
        if (meaning.suffix !== '') this.#flush(meaning.suffix);
        return false;
      case 'sign':
        this.#flush();
        if (nextCounts) this.#prefix = meaning.symbol;
        else this.#word(word);
        return false;
      case 'currency':
        if (this.#value === undefined) this.#word(word);
        else {
          this.#prefix = meaning.symbol;
          this.#flush();
        }
        return false;
      case 'percent':
        if (this.#value === undefined) this.#word(word);
        else this.#flush('%');
        return false;
      case 'per':
        if (this.#value === undefined || next !== 'cent') this.#word(word);
        else this.#flush('%');
        return this.#out.at(-1)?.endsWith('%') === true && next === 'cent';
      case 'and':
        // "two hundred and sixty" is one number, "five and six" are two.
        if (!nextCounts || previous === undefined || !isMultiplier(previous)) this.#word(word);
        return false;
      case 'point':
        if (nextCounts) this.#write('.');
        else this.#word(word);
        return false;
      case 'repeat':
        return this.#repeat(word, next);
    }
  }

  #repeat(word: string, next: string | undefined): boolean {
    const digit = next === undefined ? undefined : numberWords.get(next);
    const isZero = digit?.kind === 'zero';
    if (!isZero && !(digit?.kind === 'digit' && digit.suffix === '')) {
      this.#word(word);
      return false;
    }
    this.#write(String(isZero ? 0 : digit.value).repeat(word === 'double' ? 2 : 3));
    return true;
  }

  #numeral(word: string, sign: string): void {
    if (this.#value !== undefined && 'digits' in this.#value && this.#value.digits.endsWith('.')) {
      this.#write(word);
      return;
    }
    this.#flush();
    const digits = word.slice(sign.length);
    if (sign !== '') this.#prefix = sign;
    this.#value = digits.includes('.') ? { digits } : { sum: Number(digits) };
  }

  #add(kind: 'digit' | 'teen' | 'ten', value: number, previous: string | undefined): void {
    const before = this.#value;
    const last = previous === undefined ? undefined : numberWords.get(previous);
    const plain = last !== undefined && 'suffix' in last && last.suffix === '' ? last.kind : undefined;
    if (before === undefined) this.#value = { sum: value };
    else if ('digits' in before && kind === 'digit' && plain === 'ten') {
      // "twenty nineteen twenty one": the zero of the ten is the place of the digit.
      this.#value = { digits: `${before.digits.slice(0, -1)}${value}` };
    } else if ('digits' in before) this.#write(String(value));
    else if (kind !== 'ten' && (plain === 'digit' || plain === 'teen')) this.#write(String(value));
    else if (before.sum % (kind === 'digit' ? 10 : 100) === 0) this.#value = { sum: before.sum + value };
    else this.#write(String(value));
  }

  #multiply(by: number): void {
    const before = this.#value;
    if (before === undefined) this.#value = { sum: by };
    else if ('sum' in before && before.sum !== 0) {
      const rest = before.sum % 1000;
      this.#value = { sum: before.sum - rest + rest * by };
    } else {
      const product = Number(textOf(before)) * by;
      // 4.2 * 1e9 is not a whole number in binary.
      const whole = Math.round(product);
      if (Math.abs(product - whole) < 1e-6 * Math.max(1, whole)) this.#value = { sum: whole };
      else {
        this.#flush();
        this.#value = { sum: by };
      }
    }
  }

  #write(digits: string): void {
    this.#value = { digits: `${this.#value === undefined ? '' : textOf(this.#value)}${digits}` };
  }

  #word(word: string): void {
    this.#flush();
    this.#out.push(`${this.#prefix}${word}`);
    this.#prefix = '';
  }

  #flush(suffix = ''): void {
    if (this.#value === undefined) return;
    this.#out.push(`${this.#prefix}${textOf(this.#value)}${suffix}`);
    this.#value = undefined;
    this.#prefix = '';
  }
}

function textOf(value: Value): string {
  return 'digits' in value ? value.digits : String(value.sum);
}

function isMultiplier(word: string): boolean {
  const meaning = numberWords.get(word);
  return meaning?.kind === 'multiplier' && meaning.suffix === '';
}

function prepared(text: string): string {
  const multipliers = [...numberWords].flatMap(([word, { kind }]) => (kind === 'multiplier' ? [word] : []));
  return text
    .replace(/(\S+)\s+and\s+a\s+half\b/g, (whole, word: string) =>
      ['digit', 'teen', 'ten', 'multiplier', 'zero'].includes(numberWords.get(word)?.kind ?? '')
        ? `${word} point five`
        : whole,
    )
    .replace(new RegExp(`\\b(?:a\\s+half\\s+|half\\s+(?:a\\s+)?)(${multipliers.join('|')})\\b`, 'g'), '0.5 $1')
    .replace(/([a-z])(?=\d)/g, '$1 ')
    .replace(/(\d)(?=[a-z])/g, '$1 ')
    .replace(/(\d)\s+(st|nd|rd|th|s)\b/g, '$1$2');
}

function readable(text: string): string {
  return text
    .replace(/([€£$])(\d+) (?:and )?¢(\d{1,2})\b/g, (_whole, currency: string, whole: string, cents: string) => {
      return `${currency}${whole}.${cents.padStart(2, '0')}`;
    })
    .replace(/[€£$]0\.(\d{1,2})\b/g, (_whole, cents: string) => `¢${Number(cents)}`)
    .replace(/\b1(s?)\b/g, 'one$1');
}
