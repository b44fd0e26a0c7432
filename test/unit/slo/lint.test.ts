import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import { defaultSlos, defaultSpeechSlos } from '../../../src/lib/slo/defaults.js';
import { checkSlos, lintSlos, requireSlos, thresholdWarnings } from '../../../src/lib/slo/lint.js';
import { parseRate } from '../../../src/lib/slo/rate.js';
import type { LatencySlo, Slo } from '../../../src/lib/slo/types.js';

const day = 86_400_000;
const latency: LatencySlo = { name: 'latency', sli: 'latency', thresholdMs: 100, target: 0.99, windowMs: 30 * day };
const low: Slo = { name: 'low', sli: 'availability', target: 0.9, windowMs: 30 * day };

const messages = (slos: readonly Slo[], context?: Parameters<typeof lintSlos>[1]) =>
  lintSlos(slos, context).map(({ level, slo, message }) => `${level} ${slo}: ${message}`);

describe('lint', () => {
  it('has nothing to say of the default SLOs with traffic', () => {
    expect(messages(defaultSlos, { rate: 1_000, timeoutMs: 10_000 })).toEqual([]);
  });

  it('every threshold is an edge of the histogram of the server that runs with it, also odd ones', () => {
    expect(messages([{ ...latency, thresholdMs: 33.3 }])).toEqual([]);
  });

  it('a threshold is refused for a server that runs with others', () => {
    expect(messages([latency], { edgesS: [0.05, 0.25] })).toEqual([
      "error latency: the threshold of 100 ms is no edge of the server's histogram (0.05, 0.25 s); it is one when the server runs with these slos",
    ]);
    expect(messages([{ ...latency, thresholdMs: 0 }])[0]).toContain('error latency: the threshold is 0');
  });

  it('warns of a threshold beyond the timeout', () => {
    expect(messages([{ ...latency, thresholdMs: 10_000 }], { timeoutMs: 10_000 })[0]).toContain(
      'no answer can be slower',
    );
    expect(messages([latency], { timeoutMs: 101 })).toEqual([]);
  });

  it('of a speech model, warns of a threshold that only recordings of seconds can meet', () => {
    const speech = { isSpeech: true, timeoutMs: 600_000 };
    expect(messages(defaultSpeechSlos, speech)).toEqual([]);
    expect(messages([latency], speech)).toEqual([
      'warning latency: within 100 ms a speech model transcribes recordings of up to 2 s: a thread takes about 3 s for each minute; the default is 30 s',
    ]);
    expect(messages([{ ...latency, thresholdMs: 600_000 }], speech)[0]).toContain('serve.limits.audio.timeout answers');
    expect(thresholdWarnings([latency, low], speech)).toEqual([expect.stringMatching(/^SLO latency: within 100 ms/)]);
    expect(thresholdWarnings(defaultSpeechSlos, speech)).toEqual([]);
  });

  it('explains each alert that could never fire, and what it fires at instead', () => {
    expect(messages([low])).toEqual([
      'note low: the page over 1h fires at 9 times the even pace instead of 14.4: with a target of 90 % even a complete outage burns only 10 times as fast',
    ]);
  });

  it('warns of windows that are left out, and refuses an SLO that has none', () => {
    expect(messages([{ ...low, target: 0.99, windowMs: 3 * day }])).toEqual([
      "warning low: no alert over 3d: the SLO's own window is only 3d",
    ]);
    expect(messages([{ ...low, windowMs: day / 24 }])).toEqual([
      'error low: the window of 1h is too short: alerts look back 1h or more',
    ]);
  });

  it('says what an alert waits for where few requests come', () => {
    const availability = defaultSlos[0] as Slo;
    const found = messages([availability], { rate: parseRate('1/m') });
    expect(found[0]).toBe(
      'warning availability: low traffic: the page over 1h waits for 5 bad requests (minBadRequests), 8.33 % of those expected within 1h instead of 1.44 %; send synthetic requests to see less',
    );
    expect(found).toHaveLength(4);
    expect(messages([availability], { rate: parseRate('1/h') })[0]).toBe(
      'warning availability: low traffic: the page over 1h waits for 5 bad requests (minBadRequests), and not so many are expected within 1h at all',
    );
    expect(messages([latency], { rate: parseRate('5/h') })).toContain(
      'warning latency: low traffic: not one request is expected within 5m',
    );
  });

  it('warns where a single bad request alerts because the SLO allows it', () => {
    const found = messages([{ ...latency, minBadRequests: 1 }], { rate: parseRate('5/h') });
    expect(found[0]).toBe(
      'warning latency: low traffic: a single bad request sets off the page over 1h; raise minBadRequests, lower the target, or send synthetic requests',
    );
  });

  it('errors stop whatever is made of the SLOs, warnings do not', () => {
    expect(() => checkSlos([low])).not.toThrow();
    const bad = { ...low, name: 'hourly', windowMs: day / 24 };
    expect(() => checkSlos([bad])).toThrow(
      expect.objectContaining({ code: 'SLO_INVALID', why: expect.stringContaining('hourly: ') }),
    );
    expect(() => requireSlos([])).toThrow(expect.objectContaining({ code: 'SLO_NONE' }));
  });
});

describe('a rate', () => {
  it.each([
    ['50/s', 50],
    ['3/m', 0.05],
    ['86400 / d', 1],
    ['0.5/h', 0.5 / 3600],
  ])('%s is %d per second', (text, perSecond) => expect(parseRate(text)).toBeCloseTo(perSecond, 12));

  it.each(['50', '/s', '0/s', '-1/s', '5/w', '1e3/s'])('%s is none', (text) => {
    expect(() => parseRate(text)).toThrow(UsageError);
  });
});
