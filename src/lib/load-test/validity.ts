import { formatCount } from '../base/units.js';
import type { TimelineRow } from './result.js';
import { generatorLimit } from './socket-error.js';
import type { Tally } from './tally.js';
import { errorCount } from './verdict.js';

/** For the rounding of times; a connection cannot be busy for longer than the window. */
const littleTolerance = 0.01;
/** From here on latencies contain a part of the generator's own making. */
const lateMs = 5;
const busyUtilization = 0.8;
/** Every thread at this is a generator that could not have sent more. */
const saturatedUtilization = 0.97;

export interface ValidityInput {
  readonly tally: Tally;
  readonly timeline: readonly TimelineRow[];
  /** Threads that ended without a report. */
  readonly missing: readonly string[];
  readonly minRequests: number;
  readonly connections: number;
}

/**
 * Why the figures are not what they claim to be; empty for a measurement that holds. The books have to add up, every
 * thread has to report, the machine must not run out of sockets, and by Little's law throughput x mean latency cannot be
 * more than the connections that there are: it is when answers are matched to older requests, as after a reconnect.
 *
 * A busy generator alone is no reason: in a closed test on one machine it always is, throughput is then a lower
 * bound and latency an upper one, so a test that passes passes all the more. Only a target that missed its number of
 * requests, without an error, while no thread had a moment to spare, was not measured: the generator was.
 */
export function invalidReasons({
  tally,
  timeline,
  missing,
  minRequests,
  connections,
}: ValidityInput): readonly string[] {
  const { requests, busy } = tally;
  const { sent, answered, timeouts, lost, inFlightAtEnd } = requests;
  const reasons = missing.map((thread) => `the load is incomplete: ${thread}`);
  if (sent === 0 && requests.connects > 0 && tally.measuredMs > 0)
    reasons.push('no request was sent over open connections');
  const accounted = answered + timeouts + lost + inFlightAtEnd;
  if (sent !== accounted) reasons.push(`the books do not add up: ${sent} sent, ${accounted} accounted for`);
  if (tally.all.histogram.totalCount !== sent) {
    reasons.push(`the books do not add up: ${sent} sent, ${tally.all.histogram.totalCount} latencies`);
  }
  for (const { reason } of tally.failures) if (reason.startsWith(generatorLimit)) reasons.push(reason);
  const rows = timeline.reduce((sum, { ok, failed }) => sum + ok + failed, 0);
  if (rows !== answered + timeouts + lost) {
    reasons.push(`the books do not add up: ${answered + timeouts + lost} finished, ${rows} of them in the timeline`);
  }
  if (busy.byLatency > connections * (1 + littleTolerance)) {
    reasons.push(
      `Little's law does not hold: the latencies add up to ${busy.byLatency.toFixed(1)} busy connections, there were ${connections}`,
    );
  }
  if (requests.ok < minRequests && errorCount(requests) === 0 && tally.utilization.min >= saturatedUtilization) {
    reasons.push(
      `the generator was the limit: its threads were busy ${percent(tally.utilization.min)} of the time; use more --threads or another machine`,
    );
  }
  return reasons;
}

export interface NoteInput {
  readonly tally: Tally;
  readonly threads: number;
  readonly connections: number;
  readonly cpus: number;
  readonly sameHost: boolean;
  readonly insecure: boolean;
}

/** What a reader of the figures should know, whatever the verdict. */
export function notesOn({ tally, threads, connections, cpus, sameHost, insecure }: NoteInput): readonly string[] {
  const { requests, eventLoopDelayP99Ms, utilization } = tally;
  const notes: string[] = [];
  if (insecure) notes.push('The certificate of the target was not verified (--insecure).');
  if (sameHost) notes.push(`Target and generator shared the ${cpus} CPUs of one machine.`);
  if (threads > 1 && threads > cpus - 1) {
    notes.push(
      `${threads} threads on ${cpus} CPUs: more than ${Math.max(1, cpus - 1)} take time from each other and from the target.`,
    );
  }
  if (eventLoopDelayP99Ms > lateMs) {
    notes.push(
      `The generator was up to ${eventLoopDelayP99Ms} ms late (p99 of its event loop): latencies may be that much too high.`,
    );
  }
  if (utilization.max > busyUtilization) {
    notes.push(
      `A generator thread was busy ${percent(utilization.max)} of the time: the target may be able to do more.`,
    );
  }
  const reconnects = requests.connects - connections;
  if (reconnects > 0) notes.push(`${formatCount(reconnects)} reconnects: connecting is not part of the latencies.`);
  if (requests.sent < 10_000) {
    notes.push(
      `${formatCount(requests.sent)} requests are too few for every percentile: p99 needs 1,000, p99.9 needs 10,000.`,
    );
  }
  return notes;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
