import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { round3 } from '../histogram.js';

const resolutionMs = 10;

export interface GeneratorWatch {
  stop(): { eventLoopDelayP99Ms: number; utilization: number };
}

/** How busy this thread is with generating load, and by how much its event loop is late. */
export function watchGenerator(): GeneratorWatch {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const before: EventLoopUtilization = performance.eventLoopUtilization();
  return {
    stop: () => {
      delay.disable();
      const { utilization } = performance.eventLoopUtilization(before);
      // Node records the time between two looks, of which the resolution itself is no delay.
      const p99 = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - resolutionMs;
      return { eventLoopDelayP99Ms: round3(Math.max(0, p99)), utilization: round3(utilization) };
    },
  };
}
