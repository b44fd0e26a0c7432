import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsCloud } from '../platform/aws/cloud.js';
import { readIfThere, writeAtomically } from '../platform/files/write.js';
import type { Kept } from './destroy/retained.js';

/** What former destroys left in the account: it is the only place that still knows, once the state does not. */
const recordFile = 'kept.json';
const importsFile = 'kept-imports.tf.json';

export async function readKept(dir: string): Promise<readonly Kept[]> {
  const text = await readIfThere(join(dir, recordFile));
  return text === undefined ? [] : ((JSON.parse(text) as { kept?: Kept[] }).kept ?? []);
}

/** Adds to the record; written before anything leaves the state. */
export async function recordKept(dir: string, kept: readonly Kept[]): Promise<void> {
  const former = (await readKept(dir)).filter(({ arn }) => kept.every((item) => item.arn !== arn));
  await writeRecord(dir, [...former, ...kept]);
}

export async function forgetKept(dir: string, arns: readonly string[]): Promise<void> {
  await writeRecord(
    dir,
    (await readKept(dir)).filter(({ arn }) => !arns.includes(arn)),
  );
}

async function writeRecord(dir: string, kept: readonly Kept[]): Promise<void> {
  if (kept.length === 0) {
    await rm(join(dir, recordFile), { force: true });
    return;
  }
  const note = 'Written by mlops: what a destroy left in the account. The next provision takes it in again.';
  await writeAtomically(join(dir, recordFile), `${JSON.stringify({ '//': note, kept }, null, 2)}\n`);
}

/** What of the record can be taken in again: it has something to take in and is not gone from the account by now. */
export async function findTakeable(dir: string, aws: AwsCloud): Promise<Kept[]> {
  const usable: Kept[] = [];
  for (const item of await readKept(dir)) {
    if (item.resources.length > 0 && (await exists(item, aws))) usable.push(item);
  }
  return usable;
}

/**
 * Has the next plan take these in, by Terraform's own `import` blocks: without them it would try to make them anew and
 * fail on the name.
 */
export async function writeImports(dir: string, kept: readonly Kept[]): Promise<void> {
  const blocks = kept.flatMap(({ resources }) => resources.map(({ address, id }) => ({ to: address, id })));
  if (blocks.length === 0) return await removeImports(dir);
  const note = 'Written by `mlops provision` for one apply, then removed.';
  await writeAtomically(join(dir, importsFile), `${JSON.stringify({ '//': note, import: blocks }, null, 2)}\n`);
}

export async function removeImports(dir: string): Promise<void> {
  await rm(join(dir, importsFile), { force: true });
}

async function exists({ kind, name, arn }: Kept, aws: AwsCloud): Promise<boolean> {
  if (kind === 'bucket') return (await aws.s3.bucketRegion(name)) !== undefined;
  // A key that is going to be deleted cannot be used: terraform makes a new one.
  if (kind === 'key') return (await aws.kms.deletionDate(arn)) === undefined;
  return false;
}
