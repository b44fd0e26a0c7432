import { MlopsError } from '../../base/errors/mlops-error.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import type { ObjectSource } from '../../recordings/sources/source.js';
import { objectId } from '../../transcript/id.js';
import type { PipelineSettings } from '../settings.js';

/** What the next attempt would find as well: the file, not the moment, is wrong. */
const lasting = ['FFMPEG_MISSING', 'RESULT_TAKEN', 'RECORDING_TOO_LONG'];

/** Whether another attempt can only fail in the same way. */
export function isLasting(error: unknown): error is MlopsError {
  return error instanceof MlopsError && (error.code.startsWith('AUDIO_') || lasting.includes(error.code));
}

export interface GivenUp {
  /** `s3://bucket/failed/..` */
  readonly location: string;
  /** False when an earlier event of the same recording said so already. */
  readonly isNew: boolean;
}

/**
 * Writes down why a recording gives no result, with a pointer to it; the recording stays where it is. Undefined when it is
 * gone.
 */
export async function giveUp(
  { bucket, key, label }: ObjectSource,
  error: MlopsError,
  { settings, requestId, now, s3 }: { settings: PipelineSettings; requestId: string; now: () => number; s3: S3Objects },
): Promise<GivenUp | undefined> {
  const head = await s3.headObject(bucket, key);
  if (head === undefined) return undefined;
  const id = objectId(bucket, key, head.version ?? head.etag);
  const { code, message, why = null, actions } = error;
  const reason = {
    ...{ id, source: label, bucket, key, version: head.version ?? null, etag: head.etag.replaceAll('"', '') },
    ...{ bytes: head.bytes, uploaded_at: head.modifiedAt.toISOString(), timestamp: new Date(now()).toISOString() },
    ...{ code, message, why, actions, request_id: requestId },
  };
  const path = `${settings.failed}${dayOf(head.modifiedAt)}/${id}.json`;
  const isNew = await s3.putObject(settings.bucket, path, `${JSON.stringify(reason, null, 2)}\n`, {
    contentType: 'application/json',
    onlyOver: 'absent',
  });
  return { location: `s3://${settings.bucket}/${path}`, isNew };
}

/** UTC, of the upload: the same for every event of a recording, so that the second one finds what the first one wrote. */
export function dayOf(uploadedAt: Date): string {
  return uploadedAt.toISOString().slice(0, 10);
}
