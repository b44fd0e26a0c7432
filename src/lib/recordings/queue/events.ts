import { z } from 'zod';
import { UsageError } from '../../base/errors/mlops-error.js';
import { s3Url } from '../../platform/aws/s3-url.js';
import type { ObjectSource } from '../sources/source.js';

/** What a message says: objects that were made in S3, and what else happened to others. */
export interface Notice {
  readonly created: readonly ObjectSource[];
  /** In words; nothing is to be done about it. */
  readonly ignored: readonly string[];
}

const s3Event = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({ key: z.string(), size: z.number().optional() }),
      }),
    }),
  ),
});
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });
const snsNotification = z.object({ Type: z.literal('Notification'), Message: z.string() });
const eventBridgeEvent = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), size: z.number().optional() }),
  }),
});

/**
 * A message about objects in S3, as S3 itself, SNS and EventBridge write it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 * Throws UsageError `EVENT_UNREADABLE`.
 */
export function readEvent(body: string): Notice {
  const value = parseJson(body);
  const wrapped = snsNotification.safeParse(value);
  if (wrapped.success) return readEvent(wrapped.data.Message);
  // S3 sends one when the notification is set up.
  if (testEvent.safeParse(value).success) return { created: [], ignored: [] };
  const bridged = eventBridgeEvent.safeParse(value);
  if (bridged.success) {
    const { detail, 'detail-type': type } = bridged.data;
    // Unlike in S3's own events the key is not encoded here.
    return notice([{ name: type, isCreated: type === 'Object Created', bucket: detail.bucket.name, ...detail.object }]);
  }
  const event = s3Event.safeParse(value);
  if (!event.success) throw unreadable('It is no event of S3, by itself, through SNS or EventBridge.');
  return notice(
    event.data.Records.map(({ eventName, s3 }) => ({
      name: eventName,
      isCreated: /^(s3:)?ObjectCreated:/.test(eventName),
      bucket: s3.bucket.name,
      size: s3.object.size,
      key: decodeKey(s3.object.key),
    })),
  );
}

interface Change {
  readonly name: string;
  readonly isCreated: boolean;
  readonly bucket: string;
  readonly key: string;
  readonly size?: number | undefined;
}

function notice(changes: readonly Change[]): Notice {
  const created = changes.filter(({ isCreated }) => isCreated);
  const others = changes.filter(({ isCreated }) => !isCreated);
  return {
    created: created.map(({ bucket, key, size = 0 }) => ({
      kind: 'object',
      bucket,
      key,
      label: s3Url({ bucket, key }),
      bytes: size,
    })),
    ignored: others.map(({ name, ...object }) => `${s3Url(object)}: ${name}`),
  };
}

/** Form encoding: a plus is a space, a real plus is %2B. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw unreadable('Its key is not encoded as S3 encodes keys.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable('It is not JSON.');
  }
}

function unreadable(why: string): UsageError {
  return new UsageError('The event cannot be read', {
    code: 'EVENT_UNREADABLE',
    why,
    actions: ['Examples of events are in docs/pipeline.md'],
  });
}
