import type { Reporter } from '../base/progress/reporter.js';
import type { SpeechModel } from '../model/speech-model.js';
import type { S3Objects } from '../platform/aws/s3-objects.js';
import type { Queue } from '../platform/aws/sqs.js';
import type { SpeechEngine } from '../speech/types.js';

/** What transcribing needs from outside. */
export interface RecordingsDeps {
  readonly reporter: Reporter;
  /** Where relative paths start. */
  readonly cwd: string;
  /** For recordings that are fetched. */
  readonly tempDir: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects when `signal` is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly s3: () => Promise<S3Objects>;
  readonly queue: (url: string) => Promise<Queue>;
  /** Of a model of the catalog, whether it is on this machine or not. Throws UsageError for any other name. */
  readonly modelDigest: (name: string) => string;
  /** A model on this machine; fetched if need be, and if `offline` does not forbid it. */
  readonly speechModel: (
    name: string,
    options: { readonly offline: boolean; readonly signal: AbortSignal },
  ) => Promise<SpeechModel>;
  readonly openEngine: (model: SpeechModel, options: { readonly threads: number }) => Promise<SpeechEngine>;
  /** By the first bytes of a file. */
  readonly looksLikeAudio: (path: string) => Promise<boolean>;
  /** Processors that this process may use. */
  readonly cores: number;
  /** Memory that this process may still take. */
  readonly memoryBytes: number;
}
