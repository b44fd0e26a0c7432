import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import { RunStopper } from '../output/failure.js';
import type { RecordingSource } from '../sources/source.js';
import { openLocalFile } from './local-file.js';
import type { OpenedRecording } from './opened.js';
import { type ObjectDeps, openS3Object } from './s3-object.js';

export interface OpenDeps extends Omit<ObjectDeps, 's3'> {
  /** Who has no business with S3 needs no settings for it. */
  readonly s3: () => Promise<ObjectDeps['s3']>;
}

/** Finds out which recording lies at a source now. Throws RunStopper when AWS takes nothing from us at all. */
export async function openRecording(
  source: RecordingSource,
  deps: OpenDeps,
  signal: AbortSignal,
): Promise<OpenedRecording> {
  signal.throwIfAborted();
  if (source.kind === 'file') return await openLocalFile(source, signal);
  try {
    return await openS3Object(source, { ...deps, s3: await deps.s3() }, signal);
  } catch (error) {
    throw error instanceof PrerequisiteError ? new RunStopper(error) : error;
  }
}
