import { join } from 'node:path';
import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../../base/progress/reporter.js';
import type { S3 } from '../../platform/aws/s3.js';
import { readIfThere, writeAtomically } from '../../platform/files/write.js';

export interface S3Backend {
  readonly bucket: string;
  readonly key: string;
}

const backendFile = 'backend.tf.json';
const note = 'Written by `mlops provision --backend`. The lock is an object beside the state (native S3 locking).';

/** `s3://bucket/key` -> its parts. Throws UsageError `BACKEND_INVALID`. */
export function parseBackend(text: string): S3Backend {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(\S+)$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined && !match[2].endsWith('/')) {
    return { bucket: match[1], key: match[2] };
  }
  throw new UsageError(`'${text}' is not a place for a Terraform state`, {
    code: 'BACKEND_INVALID',
    why: 'Expected s3://BUCKET/KEY: a bucket name of 3 to 63 lower-case letters, digits, dots and dashes, and an object key.',
    actions: ['For example: --backend s3://my-team-terraform/flight-delay.tfstate'],
  });
}

/**
 * Puts the state into S3: creates the bucket (versioned, encrypted, no public access, TLS only) if there is none and writes
 * `backend.tf.json`. Throws OperationError `STATE_EXISTS` rather than overwrite the state of something else.
 */
export async function configureBackend(
  options: { dir: string; backend: S3Backend; region: string; dataDir: string },
  s3: S3,
  reporter: Reporter,
): Promise<void> {
  const { bucket, key } = options.backend;
  const found = await s3.bucketRegion(bucket);
  const region = found ?? options.region;
  const settings = { bucket, key, region, encrypt: true, use_lockfile: true };
  const document = { '//': note, terraform: { backend: { s3: settings } } };
  if (found === undefined) {
    await inStep(reporter, `Creating the bucket ${bucket} for the state`, async () => {
      await s3.createBucket(bucket, { 'mlops:purpose': 'terraform-state' });
      await s3.secureBucket(bucket);
    });
  } else {
    if (!(await s3.isVersioned(bucket))) {
      reporter.warn(
        `The bucket ${bucket} keeps no versions: a state that is lost or broken there cannot be brought back`,
      );
    }
    await refuseOverwriting(options, settings, s3);
  }
  await writeAtomically(join(options.dir, backendFile), `${JSON.stringify(document, null, 2)}\n`);
}

/**
 * Whether the state has to move because the configured backend is not the one that was last initialized. Terraform
 * records that one in its data folder.
 */
export async function backendMoves(dir: string, dataDir: string): Promise<{ from: string; to: string } | undefined> {
  const wished = s3Settings(await readIfThere(join(dir, backendFile)), 'terraform');
  const current = s3Settings(await readIfThere(join(dataDir, 'terraform.tfstate')), 'record');
  if (place(wished) === place(current)) return undefined;
  // A fresh clone has neither a record nor a local state: there is nothing to move.
  if (current === undefined && !(await hasLocalState(dir))) return undefined;
  return { from: place(current), to: place(wished) };
}

/** Migrating with -force-copy would replace whatever state lies at the destination. */
async function refuseOverwriting(
  { dir, dataDir }: { dir: string; dataDir: string },
  wished: Settings,
  s3: S3,
): Promise<void> {
  const current = s3Settings(await readIfThere(join(dataDir, 'terraform.tfstate')), 'record');
  if (place(current) === place(wished) || (current === undefined && !(await hasLocalState(dir)))) return;
  if (!(await s3.hasObject(wished.bucket, wished.key))) return;
  throw new OperationError(`There is a state at ${place(wished)} already`, {
    code: 'STATE_EXISTS',
    why: `This project has one of its own (${place(current)}), and moving it there would overwrite the other.`,
    actions: ['Choose another key with --backend', `Or delete one of the two states, when you are sure which is dead`],
  });
}

interface Settings {
  readonly bucket: string;
  readonly key: string;
}

function s3Settings(text: string | undefined, kind: 'terraform' | 'record'): Settings | undefined {
  if (text === undefined) return undefined;
  if (kind === 'record') {
    const { backend } = JSON.parse(text) as { backend?: { type?: string; config?: Settings } };
    return backend?.type === 's3' ? backend.config : undefined;
  }
  return (JSON.parse(text) as { terraform?: { backend?: { s3?: Settings } } }).terraform?.backend?.s3;
}

async function hasLocalState(dir: string): Promise<boolean> {
  const text = await readIfThere(join(dir, 'terraform.tfstate'));
  if (text === undefined || text.trim() === '') return false;
  const { resources = [] } = JSON.parse(text) as { resources?: unknown[] };
  return resources.length > 0;
}

function place(settings: Settings | undefined): string {
  return settings === undefined ? 'terraform.tfstate in the working folder' : `s3://${settings.bucket}/${settings.key}`;
}
