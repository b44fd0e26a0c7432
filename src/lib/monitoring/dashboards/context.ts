import { createHash } from 'node:crypto';
import type { CloudWatchSource } from '../../slo/compile/cloudwatch.js';
import type { Scrape } from '../../slo/compile/promql.js';
import type { Slo } from '../../slo/types.js';

/** What the dashboards of a project are about. */
export interface DashboardContext extends Scrape {
  readonly project: string;
  readonly slos: readonly Slo[];
  /** Undefined for a project that is not on AWS: nothing is in CloudWatch then. */
  readonly aws: AwsNames | undefined;
  /** The counters of the SLOs in CloudWatch; undefined when nothing brings them there. */
  readonly sloCounters: CloudWatchSource | undefined;
}

/** Names that Terraform gave or will give: they are preset in the variables of the dashboards. */
export interface AwsNames {
  readonly region: string;
  readonly cluster: string;
  readonly queue: string;
  readonly deadLetterQueue: string;
  readonly functions: readonly string[];
}

/** Grafana takes at most 40 characters in a uid. */
const longestUid = 40;
const hashLength = 8;

/**
 * A uid that is the same every time, so that applying twice changes nothing, and another one for every project. What is too
 * long is cut, and told apart by a hash of all of it.
 */
export function stableUid(project: string, part: string): string {
  const plain = `${project}-${part}`;
  if (plain.length <= longestUid) return plain;
  return `${plain.slice(0, longestUid - hashLength - 1)}-${shortDigest(plain)}`;
}

export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, hashLength);
}
