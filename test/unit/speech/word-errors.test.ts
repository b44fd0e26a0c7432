import { describe, expect, test } from 'vitest';
import { normalizeEnglish } from '../../support/speech/normalize-english.js';
import { wordErrors } from '../../support/speech/word-errors.js';

// What the measure of the speech tests stands on. The pairs are those of Whisper's own tests.
describe('English as word errors are counted on it', () => {
  test.each([
    ['two', '2'],
    ['thirty one', '31'],
    ['five twenty four', '524'],
    ['nineteen ninety nine', '1999'],
    ['twenty nineteen', '2019'],
    ['two point five million', '2500000'],
    ['four point two billions', '4200000000s'],
    ['200 thousand', '200000'],
    ['200 thousand dollars', '$200000'],
    ['$20 million', '$20000000'],
    ['€52.4 million', '€52400000'],
    ['£77 thousands', '£77000s'],
    ['two double o eight', '2008'],
    ['three thousand twenty nine', '3029'],
    ['forty three thousand two hundred sixty', '43260'],
    ['forty three thousand two hundred and sixty', '43260'],
    ['nineteen fifties', '1950s'],
    ['thirty first', '31st'],
    ['thirty three thousand and three hundred and thirty third', '33333rd'],
    ['three billion', '3000000000'],
    ['millions', '1000000s'],
    ['july third twenty twenty', 'july 3rd 2020'],
    ['august twenty sixth twenty twenty one', 'august 26th 2021'],
    ['3 14', '3 14'],
    ['3.14', '3.14'],
    ['3 point 2', '3.2'],
    ['3 point 14', '3.14'],
    ['fourteen point 4', '14.4'],
    ['two point two five dollars', '$2.25'],
    ['two hundred million dollars', '$200000000'],
    ['$20.1 million', '$20100000'],
    ['ninety percent', '90%'],
    ['seventy six per cent', '76%'],
    ['double oh seven', '007'],
    ['nine one one', '911'],
    ['nine double one', '911'],
    ['one triple oh one', '10001'],
    ['two thousandth', '2000th'],
    ['thirty two thousandth', '32000th'],
    ['minus 500', '-500'],
    ['positive twenty thousand', '+20000'],
    ['two dollars and seventy cents', '$2.70'],
    ['3 cents', '¢3'],
    ['$0.36', '¢36'],
    ['three euros and sixty five cents', '€3.65'],
    ['three and a half million', '3500000'],
    ['forty eight and a half dollars', '$48.5'],
    ['b747', 'b 747'],
    ['10 th', '10th'],
    ['10th', '10th'],
    ["Let's", 'let us'],
    ["he's like", 'he is like'],
    ["she's been like", 'she has been like'],
    ['10km', '10 km'],
    ['RC232', 'rc 232'],
    ['Mr. Park visited Assoc. Prof. Kim Jr.', 'mister park visited associate professor kim junior'],
    ['Five, five.', '55'],
    ['ill-disposed', 'ill disposed'],
    ['café (quietly)', 'cafe'],
  ])('%s', (text, expected) => {
    expect(normalizeEnglish(text)).toBe(expected);
  });

  test('substituted, missing and added words are one error each', () => {
    expect(wordErrors('seven of clubs', 'Seven of clubs.')).toEqual({ errors: 0, words: 3 });
    expect(wordErrors('eight of spades four of clubs', 'Eight of spades, four of cloves')).toEqual({
      errors: 1,
      words: 6,
    });
    expect(wordErrors('he was not', 'he not')).toEqual({ errors: 1, words: 3 });
    expect(wordErrors('he was', 'he was not there')).toEqual({ errors: 2, words: 2 });
    expect(wordErrors('he was', '')).toEqual({ errors: 2, words: 2 });
  });
});
