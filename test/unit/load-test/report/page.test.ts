import { describe, expect, it } from 'vitest';
import { html } from '../../../../src/lib/load-test/report/markup.js';
import { renderPage } from '../../../../src/lib/load-test/report/page.js';
import { latencyScale, linearScale, logScale } from '../../../../src/lib/load-test/report/scale.js';
import { allWrongResult, sampleResult } from '../../../support/load-result.js';

describe('renderPage', () => {
  it('is one page without scripts and without anything to fetch', () => {
    const page = renderPage(sampleResult());
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('content="default-src &#39;none&#39;;');
    expect(page).not.toMatch(/<script|<img|<iframe|<object|@import|url\(|\son\w+=|javascript:/i);
    const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual(['data:,']);
  });

  it('has the three charts, the figures and every second', () => {
    const page = renderPage(sampleResult());
    expect([...page.matchAll(/<figure>/g)]).toHaveLength(3);
    for (const part of [
      'Latency by percentile',
      'Latency by second',
      'Requests finished per second',
      '1,950',
      '975',
      'PASS',
      'Test CPU',
    ]) {
      expect(page).toContain(part);
    }
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('shows what a hostile target put into it as text', () => {
    const evil = `</code><script>alert(1)</script><img src=x onerror="alert(1)">'`;
    const wrong = allWrongResult(evil);
    const page = renderPage({
      ...wrong,
      reasons: [evil],
      notes: [evil],
      failures: [{ reason: evil, count: 1 }],
      target: { ...wrong.target, url: `http://h/${evil}`, model: evil },
      environment: { ...wrong.environment, cpuModel: evil },
      requests: { ...wrong.requests, byStatus: { [evil]: 1 } },
    });
    expect(page).not.toMatch(/<script|<img|<\/code><script/i);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;');
  });

  it.each([
    ['nothing at all', { timeline: [], load: { ...sampleResult().load, measuredSeconds: 0 } }],
    [
      'a stopped test',
      {
        timeline: [{ second: 0, ok: 5, failed: 0, p50: 1, p99: 1 }],
        load: { ...sampleResult().load, measuredSeconds: 0.4 },
      },
    ],
    [
      'an hour',
      {
        timeline: Array.from({ length: 3_600 }, (_, second) => ({ second, ok: 9, failed: 1, p50: 5, p99: 900 })),
        load: { ...sampleResult().load, measuredSeconds: 3_600 },
      },
    ],
  ])('draws %s without a hole in the numbers', (_name, overrides) => {
    const page = renderPage(sampleResult({ ...overrides }));
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    const bars = [...page.matchAll(/class="series-ok" x=/g)].length;
    expect(bars).toBeLessThanOrEqual(240);
  });

  it('gives the last, partial second its own rate', () => {
    const timeline = [
      { second: 0, ok: 100, failed: 0, p50: 1, p99: 1 },
      { second: 1, ok: 50, failed: 0, p50: 1, p99: 1 },
    ];
    const page = renderPage(sampleResult({ timeline, load: { ...sampleResult().load, measuredSeconds: 1.5 } }));
    expect(page).toContain('second 1 to 1.5: 100 ok/s');
  });
});

describe('html', () => {
  it('escapes everything that is not markup', () => {
    expect(html`<a title="${'"&<>'}">${['<b>', html`<i>${1}</i>`]}</a>`.text).toBe(
      '<a title="&quot;&amp;&lt;&gt;">&lt;b&gt;<i>1</i></a>',
    );
  });
});

describe('scales', () => {
  it.each([
    [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [45, [0, 10, 20, 30, 40, 50]],
    [0.7, [0, 0.2, 0.4, 0.6, 0.8]],
    [123_456, [0, 50_000, 100_000, 150_000]],
  ])('a linear one to %d has round ticks', (max, ticks) => {
    expect(linearScale(max, 0, 100).ticks).toEqual(ticks);
  });

  it('a logarithmic one starts below the least and ends above the largest', () => {
    const scale = logScale(3, 800, 0, 100);
    expect(scale.ticks).toEqual([2, 5, 10, 20, 50, 100, 200, 500, 1_000]);
    expect(scale.at(2)).toBe(0);
    expect(scale.at(1_000)).toBe(100);
    expect(logScale(0.0015, 90_000, 0, 1).ticks).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000]);
    expect(logScale(5, 5, 0, 1).ticks).toEqual([5, 10]);
  });

  it('latencies are logarithmic only when the tail would flatten the body', () => {
    expect(latencyScale([10, 20, 400], 0, 1).logarithmic).toBe(false);
    expect(latencyScale([10, 20, 10_000], 0, 1).logarithmic).toBe(true);
    expect(latencyScale([], 0, 1).ticks[0]).toBe(0);
  });
});
