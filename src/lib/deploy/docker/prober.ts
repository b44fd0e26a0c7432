import { request } from 'node:http';

/** Often enough for a gap of tens of milliseconds, seldom enough to be no load. */
const intervalMs = 5;
const timeoutMs = 1_000;

export interface Prober {
  /** Ends it. Milliseconds of the longest time between two answers. */
  stop(): number;
}

/**
 * Asks for `url` every 5 ms, each time over a new connection, and keeps the longest time without an answer. Any answer with
 * a 2xx counts. What is still unanswered at the end counts with its age.
 */
export function startProber(url: string, now: () => number = () => performance.now()): Prober {
  let last = now();
  let longest = 0;
  const answered = () => {
    longest = Math.max(longest, now() - last);
    last = now();
  };
  const timer = setInterval(() => {
    const asking = request(url, { agent: false, timeout: timeoutMs }, (answer) => {
      answer.resume();
      const isGood = answer.statusCode !== undefined && answer.statusCode >= 200 && answer.statusCode < 300;
      answer.once('end', () => void (isGood && answered()));
      answer.on('error', () => {});
    });
    asking.on('timeout', () => asking.destroy()).on('error', () => {});
    asking.end();
  }, intervalMs);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.max(longest, now() - last);
    },
  };
}
