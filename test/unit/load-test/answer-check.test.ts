import { describe, expect, it } from 'vitest';
import { judge, predictionsCheck, statusCheck } from '../../../src/lib/load-test/answer-check.js';
import { excerpt } from '../../../src/lib/load-test/excerpt.js';

const answer = (body: string, status = 200, truncated = false) => ({
  status,
  truncated,
  body: () => Buffer.from(body),
});

describe('judge', () => {
  it('takes any complete 2xx where only the status counts', () => {
    expect(judge(statusCheck, 0, answer('', 204))).toBeUndefined();
    expect(judge(statusCheck, 0, answer('', 199))).toBe('status 199');
    expect(judge(statusCheck, 0, answer('', 300))).toBe('status 300');
  });

  it.each([
    ['{"predicciones":[0]}', undefined],
    ['{"predicciones":[1], "more": true}', undefined],
    ['{"predicciones":[]}', 'not one prediction for each row'],
    ['{"predicciones":[0,1]}', 'not one prediction for each row'],
    ['{"predicciones":[0.5]}', 'a prediction that is no integer'],
    ['{"predicciones":["0"]}', 'a prediction that is no integer'],
    ['{"predicciones":[null]}', 'a prediction that is no integer'],
    ['{"predicciones":0}', 'an answer without predicciones'],
    ['{"error":"x"}', 'an answer without predicciones'],
    ['{"predicciones":[0]', 'an answer without predicciones'],
    ['null', 'an answer without predicciones'],
    ['', 'an answer without predicciones'],
  ])('one row answered with %s: %s', (body, reason) => {
    expect(judge(predictionsCheck([1]), 0, answer(body))).toBe(reason);
  });

  it('looks at the status first', () => {
    expect(judge(predictionsCheck([1]), 0, answer('{"predicciones":[0]}', 500))).toBe('status 500');
  });

  it('takes any number of integers when the rows are not known', () => {
    expect(judge(predictionsCheck([null]), 0, answer('{"predicciones":[1,2,3]}'))).toBeUndefined();
  });

  it('wants the very answer that the same rows got alone', () => {
    const check = predictionsCheck(
      [2, 2],
      [
        [0, 1],
        [1, 1],
      ],
    );
    expect(judge(check, 0, answer('{"predicciones":[0,1]}'))).toBeUndefined();
    expect(judge(check, 1, answer('{"predicciones":[0,1]}'))).toBe('another prediction than to the same rows alone');
  });

  it('does not judge a body that was not kept whole', () => {
    expect(judge(predictionsCheck([1]), 0, answer('{"predicciones":[0]}', 200, true))).toMatch(/more than \d+ bytes/);
  });
});

describe('excerpt', () => {
  it('shows one printable line of bounded length', () => {
    expect(excerpt('a\u001b[2J\r\nb\u202e\u0007c')).toBe('a·[2J b··c');
    expect(excerpt(Buffer.from([0xff, 0x41]))).toBe('\ufffdA');
    expect(excerpt('x'.repeat(10_000), 20)).toBe(`${'x'.repeat(20)}…`);
    expect(excerpt('😀'.repeat(30), 20)).toBe(`${'😀'.repeat(20)}…`);
    expect(excerpt('')).toBe('');
  });
});
