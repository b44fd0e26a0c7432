import { z } from 'zod';

/** A message of SQS, as Lambda hands it over. */
export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  /** This time included. */
  readonly receiveCount: number;
  /** Where it can be put off; undefined in an event that somebody wrote by hand. */
  readonly receipt: { readonly queueArn: string; readonly handle: string } | undefined;
}

/** What started the function: messages of a queue, each of which may fail by itself, or something that is an event. */
export type Started =
  | { readonly by: 'queue'; readonly messages: readonly ReceivedMessage[] }
  | { readonly by: 'event'; readonly body: string };

const sqsEvent = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal('aws:sqs'),
        messageId: z.string().min(1),
        body: z.string(),
        receiptHandle: z.string().optional(),
        eventSourceARN: z.string().optional(),
        attributes: z.object({ ApproximateReceiveCount: z.coerce.number().int().positive() }).partial().optional(),
      }),
    )
    .min(1),
});

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function readStart(event: unknown): Started {
  const queued = sqsEvent.safeParse(event);
  if (!queued.success) return { by: 'event', body: JSON.stringify(event ?? null) };
  const messages = queued.data.Records.map(({ messageId, body, receiptHandle, eventSourceARN, attributes }) => ({
    id: messageId,
    body,
    receiveCount: attributes?.ApproximateReceiveCount ?? 1,
    receipt:
      receiptHandle === undefined || eventSourceARN === undefined
        ? undefined
        : { queueArn: eventSourceARN, handle: receiptHandle },
  }));
  return { by: 'queue', messages };
}

/** `arn:aws:sqs:REGION:ACCOUNT:NAME` -> its address. Undefined for what is no such ARN. */
export function queueUrl(arn: string): string | undefined {
  const match = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]+(?:\.fifo)?)$/.exec(arn);
  if (match === null) return undefined;
  const [, region = '', account, name] = match;
  return `https://sqs.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/${account}/${name}`;
}
