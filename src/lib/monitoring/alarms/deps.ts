import type { Confirm } from '../../base/progress/confirm.js';
import type { Reporter } from '../../base/progress/reporter.js';
import type { Line } from '../../base/text/line.js';
import type { AwsSettings } from '../../platform/aws/client.js';
import type { AwsCloud } from '../../platform/aws/cloud.js';

/** What alarms need from outside. */
export interface AlarmsDeps {
  readonly reporter: Reporter;
  readonly confirm: Confirm;
  /** Shows what a question is about, before it is asked. */
  readonly show: (lines: readonly Line[]) => Promise<void>;
  readonly aws: (settings: AwsSettings) => Pick<AwsCloud, 'sts' | 'cloudwatch' | 'sns' | 'kms' | 'tagging'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects when `signal` is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Ctrl-C: what is in flight is finished, nothing more is begun. */
  readonly stop: AbortSignal;
}
