import type { Reporter } from '../base/progress/reporter.js';
import type { SpeechModel } from '../model/speech-model.js';
import type { AwsSettings } from '../platform/aws/client.js';
import type { Ecr } from '../platform/aws/ecr.js';
import type { Docker } from '../platform/docker/types.js';
import type { PackagedFiles } from './context/serving-plan.js';

/** What building and pushing need from outside. */
export interface ImageDeps {
  readonly docker: Docker;
  readonly reporter: Reporter;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ecr: (settings: AwsSettings) => Ecr;
  /** An access token of Google Cloud. */
  readonly gcpToken: () => Promise<string>;
  /** The commit that a folder is at, if that says what is in it. */
  readonly revisionOf: (dir: string) => Promise<string | undefined>;
  readonly packaged: PackagedFiles;
  /** A speech model of the catalog, its files on this machine. */
  readonly speechModel: (name: string) => Promise<SpeechModel>;
  readonly mlopsVersion: string;
  /** Of this machine, `amd64` or `arm64`: what to build for where no daemon can be asked. */
  readonly architecture: string;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Stops a build or a push. */
  readonly signal: AbortSignal;
}
