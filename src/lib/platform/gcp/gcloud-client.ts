import { InterruptedError, MlopsError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner } from '../process/runner.js';

export interface GcloudOptions {
  /** What it is for, as in `gcloud could not <what>`. */
  readonly what: string;
  /** A failure whose text matches is no error: the call returns undefined. */
  readonly allow?: RegExp;
  readonly signal?: AbortSignal;
}

/** Calls of the gcloud program. It never prompts, and reports nothing of its use. */
export class GcloudClient {
  readonly #runner: ProcessRunner;

  constructor(runner: ProcessRunner) {
    this.#runner = runner;
  }

  /**
   * Runs to the end and returns stdout. Throws PrerequisiteError (`GCLOUD_MISSING`, `GCLOUD_LOGIN`, `GCP_API_DISABLED`),
   * InterruptedError, and OperationError `GCLOUD_FAILED` or `GCP_FORBIDDEN` with gcloud's own words.
   */
  async call(args: readonly string[], options: GcloudOptions & { readonly allow: RegExp }): Promise<string | undefined>;
  async call(args: readonly string[], options: GcloudOptions): Promise<string>;
  async call(args: readonly string[], { what, allow, signal }: GcloudOptions): Promise<string | undefined> {
    const { exitCode, stdout, stderr } = await this.#runner
      .run('gcloud', args, {
        env: { CLOUDSDK_CORE_DISABLE_PROMPTS: '1', CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1' },
        ...(signal === undefined ? {} : { signal }),
      })
      .catch((error: unknown) => {
        throw missing(error);
      });
    if (exitCode === 0) return stdout;
    if (signal?.aborted === true) throw new InterruptedError();
    if (allow?.test(stderr) === true) return undefined;
    throw gcloudFailure(what, stderr);
  }

  async json<T>(args: readonly string[], options: GcloudOptions & { readonly allow: RegExp }): Promise<T | undefined>;
  async json<T>(args: readonly string[], options: GcloudOptions): Promise<T>;
  async json<T>(args: readonly string[], options: GcloudOptions): Promise<T | undefined> {
    const given = [...args, '--format=json'];
    const { allow } = options;
    const text = allow === undefined ? await this.call(given, options) : await this.call(given, { ...options, allow });
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new OperationError(`gcloud could not ${options.what}`, {
        code: 'GCLOUD_FAILED',
        why: `It answered no JSON: ${text.slice(0, 200)}`,
      });
    }
  }
}

/** `ERROR: (gcloud.run.deploy) <what it says>` and the lines below it. */
export function errorText(stderr: string): string {
  const start = stderr.search(/^ERROR: /m);
  const text = start < 0 ? stderr : stderr.slice(start);
  return text.replace(/^ERROR: (\(gcloud\.[a-z.-]+\) )?/, '').trim() || 'It said nothing.';
}

const noLogin =
  /do not currently have an active account selected|problem refreshing your current auth tokens|Reauthentication (failed|required)|reauth related error|could not find default credentials/i;

/** A failure of gcloud as an error that says what to do. */
export function gcloudFailure(what: string, stderr: string): MlopsError {
  const why = errorText(stderr);
  if (noLogin.test(why)) {
    return new PrerequisiteError('gcloud is not logged in', {
      code: 'GCLOUD_LOGIN',
      why: why.split('\n', 1)[0] ?? why,
      actions: ['gcloud auth login', 'In CI: google-github-actions/auth, or gcloud auth login --cred-file=FILE'],
    });
  }
  const api =
    /API \[([a-z.]+)\] not enabled|\b([a-z]+\.googleapis\.com)\b[^\n]*(?:has not been used|is disabled)/i.exec(why);
  if (api !== null || /SERVICE_DISABLED/.test(why)) {
    const name = api?.[1] ?? api?.[2] ?? 'run.googleapis.com';
    return new PrerequisiteError(`The API ${name} is not enabled in this project`, {
      code: 'GCP_API_DISABLED',
      why: firstLines(why),
      actions: [`gcloud services enable ${name}`],
    });
  }
  if (/PERMISSION_DENIED|does not have permission|Permission '[^']+' denied/i.test(why)) {
    return new OperationError(`gcloud may not ${what}`, {
      code: 'GCP_FORBIDDEN',
      why: firstLines(why),
      actions: ['Ask for roles/run.admin and roles/iam.serviceAccountUser, or log in as somebody who has them'],
    });
  }
  return new OperationError(`gcloud could not ${what}`, { code: 'GCLOUD_FAILED', why: firstLines(why) });
}

function missing(error: unknown): unknown {
  if (!(error instanceof MlopsError) || error.code !== 'PROGRAM_MISSING') return error;
  return new PrerequisiteError('gcloud was not found', {
    code: 'GCLOUD_MISSING',
    why: 'Google Cloud is reached through its own command line, and there is no gcloud on the PATH of this process.',
    actions: ['Install it: https://cloud.google.com/sdk/docs/install'],
    cause: error,
  });
}

function firstLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 12)
    .join('\n');
}
