import { describe, expect, it } from 'vitest';
import { formatResult } from '../../../../src/lib/load-test/report/text.js';
import { allWrongResult, sampleResult } from '../../../support/load-result.js';

describe('formatResult', () => {
  it('is complete and ends with the verdict', () => {
    expect(formatResult(sampleResult())).toMatchInlineSnapshot(`
      "POST http://127.0.0.1:8080/api (flight-delay, served for this test)
      50 connections, 1 thread, 2 s, timeout 10 s, 552 different requests in turn
      Node.js 24.0.0, 2 CPUs (Test CPU)

      Requests      1,950 ok · 0 failed · 50 in flight at end
                    of 2,000 sent · by status 200: 1,950
      Throughput    975.0 ok/s over 2.0 s
      Latency ms       mean      p50      p90      p95      p99    p99.9      max
        all           24.95    24.91    28.91    29.41    29.81      n/a    29.90

      Gates
        ✔ min-requests  ok >= 1000, measured 1,950
        ✔ errors        errors == 0 %, measured 0 %

      - Target and generator shared the 2 CPUs of one machine.
      - A closed test: a slow target slows the load down, so this is no claim about the latency at a rate that arrives from outside.

      PASS  1,950 right answers in 2.0 s, no errors"
    `);
  });

  it('never shows errors as requests', () => {
    expect(formatResult(allWrongResult('{"error":"expected array"}'))).toMatchInlineSnapshot(`
      "POST http://127.0.0.1:8080/api (flight-delay, served for this test)
      50 connections, 1 thread, 2 s, timeout 10 s, 552 different requests in turn
      Node.js 24.0.0, 2 CPUs (Test CPU)

      Requests      0 ok · 61,242 failed
                    of 61,242 sent · by status 400: 61,242
      Throughput    0.0 ok/s over 2.0 s
      Latency ms       mean      p50      p90      p95      p99    p99.9      max
        all           24.95    24.91    28.91    29.41    29.81      n/a    29.90

      Failures
        61,242  status 400
      First failure, after 0.003 s: HTTP 400 {"error":"expected array"}

      Gates
        ✖ min-requests  ok >= 50000, measured 0
        ✖ errors        errors == 0 %, measured 100 %

      - Target and generator shared the 2 CPUs of one machine.
      - A closed test: a slow target slows the load down, so this is no claim about the latency at a rate that arrives from outside.

      FAIL  0 right answers, at least 50,000 were asked for; 61,242 errors in 61,242 requests and connects, none is allowed"
    `);
  });

  it('shows the latencies of right answers apart when not all are right', () => {
    const { requests } = sampleResult();
    const mixed = sampleResult({ requests: { ...requests, ok: 1_900, failed: 50 } });
    expect(formatResult(mixed)).toContain('  ok only');
    expect(formatResult(sampleResult())).not.toContain('  ok only');
  });

  it('bounds the list of failures', () => {
    const failures = Array.from({ length: 11 }, (_, index) => ({ reason: `reason ${index}`, count: 100 - index }));
    const text = formatResult(sampleResult({ failures }));
    expect(text).toContain('reason 7\n  and 3 other kinds');
    expect(text).not.toContain('reason 8');
  });

  it('paints the verdict by its meaning and is plain without', () => {
    const painted = formatResult(sampleResult(), (colour, text) => `<${colour}>${text}</${colour}>`);
    expect(painted).toContain('<green><bold>PASS</bold></green>');
    const failed = formatResult(
      sampleResult({ verdict: 'invalid', reasons: ['x'] }),
      (colour, text) => `<${colour}>${text}</${colour}>`,
    );
    expect(failed).toMatch(/<red><bold>INVALID<\/bold><\/red> {2}x$/);
    expect(formatResult(sampleResult())).not.toContain('\u001b');
  });
});
