import { describe, expect, it, vi } from 'vitest';
import { createServerLog } from '../../../src/lib/server/log.js';

async function logWith(level: 'info' | 'error', access = false) {
  const lines: Record<string, unknown>[] = [];
  const target = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, log: await createServerLog({ level, access, target, fields: { worker: 3 } }) };
}

describe('the log', () => {
  it('is one JSON object a line, with level, time and the fields of the process', async () => {
    const { log, lines } = await logWith('info');
    log.info({ url: 'http://x' }, 'ready');
    expect(lines).toEqual([
      {
        level: 'info',
        severity: 'INFO',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        worker: 3,
        url: 'http://x',
        msg: 'ready',
      },
    ]);
  });

  it('leaves out what is below its level, and requests unless asked for', async () => {
    const { log, lines } = await logWith('error');
    log.info({}, 'no');
    log.warn({}, 'no');
    expect([lines, log.access]).toEqual([[], undefined]);
  });

  it('writes one line a second for a fault that happens all the time, and counts the others', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { log, lines } = await logWith('info');
      for (let fault = 0; fault < 100; fault++) log.fault('queue_full', {}, 'full');
      log.fault('timeout', {}, 'late');
      vi.advanceTimersByTime(1_001);
      log.fault('queue_full', {}, 'full');
      expect(lines.map(({ reason, suppressed }) => [reason, suppressed])).toEqual([
        ['queue_full', undefined],
        ['timeout', undefined],
        ['queue_full', 99],
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});
