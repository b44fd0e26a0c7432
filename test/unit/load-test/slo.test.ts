import { describe, expect, it } from 'vitest';
import { predictionsCheck } from '../../../src/lib/load-test/answer-check.js';
import { SloCounter } from '../../../src/lib/load-test/engine/slo-counter.js';
import { renderPage } from '../../../src/lib/load-test/report/page.js';
import { formatResult } from '../../../src/lib/load-test/report/text.js';
import type { Gate, JudgedSlo } from '../../../src/lib/load-test/result.js';
import { runLoadTest } from '../../../src/lib/load-test/run-load-test.js';
import type { SloTally } from '../../../src/lib/load-test/shard.js';
import { judgeSlos, sloFailures, sloGates, sloSentence } from '../../../src/lib/load-test/slo-gates.js';
import { tally } from '../../../src/lib/load-test/tally.js';
import { defaultSlos } from '../../../src/lib/slo/defaults.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { sampleResult, shardReport } from '../../support/load-result.js';
import { answeredEver, expectToAddUp, load, postRequest } from '../../support/load-shard.js';
import { loadTestDeps, loadTestOptions } from '../../support/load-test-deps.js';
import { startScriptedServer } from '../../support/scripted-server.js';

const month = 30 * 86_400_000;
const availability: Slo = { name: 'availability', sli: 'availability', target: 0.9, windowMs: month };
const latency: Slo = { name: 'latency', sli: 'latency', thresholdMs: 60, target: 0.99, windowMs: month };
const right = '{"predicciones":[1]}';

function judged(
  slos: readonly Slo[],
  counts: SloTally,
): { slos: readonly JudgedSlo[]; gates: readonly Gate[]; failures: string[] } {
  const { requests } = sampleResult();
  const judgements = judgeSlos(slos, counts);
  const gates = sloGates(judgements, requests, counts);
  return { slos: judgements, gates, failures: sloFailures(judgements, gates, requests, counts) };
}

describe('what is counted for an SLO', () => {
  it('is exact at the threshold, where a histogram would blur it', () => {
    const counter = new SloCounter([{ ...latency, thresholdMs: 100 }]);
    counter.answered(200, 100, true);
    counter.answered(200, 100.0001, true);
    expect(counter.tally().counts).toEqual([{ counted: 2, good: 1 }]);
  });

  it('a 5xx, a wrong answer, a timeout and a lost request are bad; a 4xx counts for nothing', () => {
    const counter = new SloCounter([availability, latency]);
    counter.answered(503, 1, false);
    counter.answered(200, 1, false);
    counter.unanswered();
    counter.answered(404, 1, false);
    expect(counter.tally()).toEqual({
      clientErrors: 1,
      counts: [
        { counted: 3, good: 0 },
        { counted: 3, good: 0 },
      ],
    });
  });

  it('under load: every request once, whatever became of it', async () => {
    const { report, server } = await load(
      ({ number }, wire) => {
        if (number % 50 === 10) wire.answer(503, '{}');
        else if (number % 50 === 20) wire.answer(400, '{}');
        else if (number % 50 === 30) wire.answer(200, '{"wrong":true}');
        else if (number % 50 === 40) wire.reset();
        else if (number % 50 === 45) wire.after(90, () => wire.answer(200, right));
        else wire.answer(200, right);
      },
      {
        requests: [postRequest('{"array":[1]}')],
        check: predictionsCheck([1]),
        slos: [availability, latency],
        durationMs: 600,
      },
    );
    expectToAddUp(report);
    expect(server.requests).toBeGreaterThan(100);
    const [forAvailability, forLatency] = report.slo.counts;
    const { clientErrors } = report.slo;
    expect(clientErrors).toBeGreaterThan(0);
    const lost = report.lost + report.afterEnd.lost;
    expect(forAvailability?.counted).toBe(answeredEver(report) - clientErrors + lost);
    expect(forAvailability?.good).toBe(report.ok + report.afterEnd.ok);
    expect(forLatency?.counted).toBe(forAvailability?.counted);
    const slow = (forAvailability?.good ?? 0) - (forLatency?.good ?? 0);
    expect(slow).toBeGreaterThan(0);
  });

  it('is summed over threads', () => {
    const part = (good: number) => shardReport([1], { slo: { clientErrors: 1, counts: [{ counted: 10, good }] } });
    expect(tally([part(9), part(7)]).slo).toEqual({ clientErrors: 2, counts: [{ counted: 20, good: 16 }] });
  });
});

describe('gates of SLOs', () => {
  it('pass at the target, and fail below it with numerator, denominator and rule', () => {
    const counts = (good: number) => ({ clientErrors: 0, counts: [{ counted: 1_000, good }] });
    expect(judged([latency], counts(990)).gates).toEqual([
      { name: 'slo:latency', rule: 'good within 60 ms >= 99 %', value: 99, threshold: 99, passed: true },
      { name: 'other-errors', rule: '4xx and failed connects == 0 %', value: 0, threshold: 0, passed: true },
    ]);
    const missed = judged([latency], counts(989));
    expect(missed.gates[0]).toMatchObject({ value: 98.9, passed: false });
    expect(missed.failures).toEqual(['latency: 11 of 1,000 requests were not good within 60 ms, 1 % may be']);
  });

  it('a miss never reads as the target', () => {
    const close = judged([{ ...availability, target: 0.999 }], {
      clientErrors: 0,
      counts: [{ counted: 10_000_000, good: 9_989_999 }],
    });
    expect(close.gates[0]).toMatchObject({ passed: false, value: 99.89999, threshold: 99.9 });
  });

  it('what counts for no SLO is not forgotten: a target that answers 404 to everything fails', () => {
    const { gates, failures } = judged([availability], { clientErrors: 2_000, counts: [{ counted: 0, good: 0 }] });
    expect(gates.map(({ passed }) => passed)).toEqual([false, false]);
    expect(failures).toEqual([
      'availability: not one request counts for it',
      '2,000 answers with a 4xx and 0 failed connects, which count for no SLO; none is allowed',
    ]);
  });

  it.each([
    [
      { counted: 50_000, good: 50_000 },
      0.999,
      /99.9923 % to 100 % with 95 % confidence\), target 99.9 %: shown for this load$/,
    ],
    [
      { counted: 50_000, good: 50_000 },
      0.99999,
      /met, and it may be chance; 384,143 requests with this share would show it$/,
    ],
    [{ counted: 1_000, good: 950 }, 0.99, /missed, not by chance$/],
    [{ counted: 1_000, good: 988 }, 0.99, /not met, and it may be chance$/],
    [{ counted: 0, good: 0 }, 0.99, /^not one request counts for it$/],
  ])('%j against %d is said plainly', (counts, target, expected) => {
    const { slos } = judged([{ ...availability, target }], { clientErrors: 0, counts: [counts] });
    expect(sloSentence(slos[0] as JudgedSlo)).toMatch(expected);
  });
});

describe('a load test judged by SLOs', () => {
  it('allows the errors that the SLO allows, and says what it cannot show, in text and on the page', async () => {
    const server = await startScriptedServer(({ number }, wire) => wire.answer(number % 20 === 0 ? 503 : 200, right));
    try {
      const options = loadTestOptions({ url: `${server.url}/api`, minRequests: 1 });
      const strict = await runLoadTest(options, loadTestDeps());
      expect(strict).toMatchObject({ verdict: 'fail', slos: [] });
      const result = await runLoadTest({ ...options, slos: [availability] }, loadTestDeps());
      expect(result).toMatchObject({ verdict: 'pass', reasons: [] });
      expect(result.gates.map(({ name }) => name)).toEqual(['min-requests', 'slo:availability', 'other-errors']);
      expect(result.slos[0]).toMatchObject({ name: 'availability', met: true, target: 0.9 });
      expect(result.slos[0]?.ratio).toBeCloseTo(0.95, 1);
      for (const text of [formatResult(result), renderPage(result)]) {
        expect(text).toContain('not that the target holds over its window');
        expect(text).toContain('with 95 % confidence');
      }
      expect(formatResult(result)).toMatch(/^PASS {2}[\d,]+ right answers in 0\.\d s, every SLO met$/m);
      const tight = await runLoadTest({ ...options, slos: defaultSlos }, loadTestDeps());
      expect(tight.verdict).toBe('fail');
      expect(tight.reasons[0]).toMatch(/^availability: [\d,]+ of [\d,]+ requests were not good, 0.1 % may be$/);
    } finally {
      await server.stop();
    }
  });
});
