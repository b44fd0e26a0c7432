import type { Confirm } from '../base/progress/confirm.js';
import type { Reporter } from '../base/progress/reporter.js';
import type { Line } from '../base/text/line.js';
import type { AwsSettings } from '../platform/aws/client.js';
import type { AwsCloud } from '../platform/aws/cloud.js';
import type { ProcessRunner } from '../platform/process/runner.js';
import type { Interrupts } from '../platform/process/signals.js';

/** What the infrastructure needs from outside. */
export interface InfrastructureDeps {
  readonly runner: ProcessRunner;
  readonly reporter: Reporter;
  readonly confirm: Confirm;
  readonly interrupts: Interrupts;
  /** Shows what a question is about, before it is asked. */
  readonly show: (lines: readonly Line[]) => Promise<void>;
  readonly aws: (settings: AwsSettings) => AwsCloud;
  /** The region that the shared configuration of AWS names. */
  readonly configuredRegion: () => Promise<string | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects when `signal` is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** `templates/terraform`; the packaged one unless a test brings its own. */
  readonly templates: string;
}
