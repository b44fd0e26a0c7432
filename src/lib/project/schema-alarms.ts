import { z } from 'zod';
import { looksLikeSecretReference, secretReferenceProblem } from '../base/secret-schemes.js';
import { parseDuration, parsePercentage } from '../base/units.js';
import { label, written } from './schema-values.js';

const topicArn = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;
const keyName =
  /^(alias\/[A-Za-z0-9/_-]+|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/\S+|[0-9a-f-]{36}|mrk-[0-9a-f]{32})$/;
const email = /^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/;
const queueArn = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/;

const subscriberHint =
  'expected an email address, the ARN of an SQS queue, https://..., or env://NAME or file://PATH for a URL that holds a secret';

/** An https address without anything in it that could be a key: who has the address of PagerDuty can wake people up. */
function isOpenUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash, pathname } = new URL(text);
  const hasToken = pathname.split('/').some((part) => part.length >= 16 && /\d/.test(part));
  return protocol === 'https:' && `${username}${password}${search}${hash}` === '' && !hasToken;
}

// The messages do not repeat what stands there: it may be a secret.
const subscriber = z.string().superRefine((text, context) => {
  if ([email, queueArn].some((form) => form.test(text))) return;
  if (looksLikeSecretReference(text)) {
    const message = secretReferenceProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  } else if (/^https:/.test(text)) {
    if (isOpenUrl(text)) return;
    const message = 'this URL looks as if it held a secret: write a reference instead, such as env://PAGERDUTY_URL';
    context.addIssue({ code: 'custom', message });
  } else context.addIssue({ code: 'custom', message: subscriberHint });
});

const off = z.literal(false);
const share = z.union([off, written(parsePercentage, '80%')], { error: 'expected a percentage such as 80%, or false' });
const age = z.union([off, written(parseDuration, '1h')], { error: 'expected a duration such as 1h, or false' });
const count = z.union([off, z.int().min(0)], { error: 'expected a whole number of 0 or more, or false' });

const severity = z.enum(['page', 'ticket']).optional();

const topicName = z.union([label, z.string().regex(topicArn)], {
  error: 'expected the name or the ARN of an SNS topic',
});
const subscribe = z.array(subscriber).max(100, 'at most 100 subscribers');

/** Who hears of alarms of one severity alone. */
const channel = z.strictObject({ topic: topicName.optional(), subscribe: subscribe.optional() }).optional();

/**
 * A group of alarms: true needs its source, false is off, a mapping is true with some of it changed. Left out, the group
 * is there when its source is.
 */
const group = <T extends z.ZodType>(settings: T) => z.union([z.boolean(), settings]).optional();

export const alarms = z.strictObject({
  /** Name of the SNS topic, or the ARN of one that others look after. */
  topic: topicName.optional(),
  /** KMS key for a topic that mlops makes. */
  key: z
    .string()
    .regex(keyName, 'expected the id, ARN or alias of a KMS key')
    .refine(
      (name) => !name.includes('alias/aws/'),
      'CloudWatch may not use the keys that AWS manages: take one of your own',
    )
    .optional(),
  /** Who hears of all of them. */
  subscribe: subscribe.optional(),
  page: channel,
  ticket: channel,
  lambda: group(
    z.strictObject({
      errors: z.boolean().optional(),
      throttles: z.boolean().optional(),
      duration: share.optional(),
      severity,
    }),
  ),
  queue: group(z.strictObject({ age: age.optional(), deadLetters: z.boolean().optional(), severity })),
  eks: group(
    z.strictObject({
      cpu: share.optional(),
      memory: share.optional(),
      restarts: count.optional(),
      crashLoop: z.boolean().optional(),
      notReady: z.boolean().optional(),
      failedPods: z.boolean().optional(),
      pendingPods: z.boolean().optional(),
      severity,
    }),
  ),
  warehouse: z.boolean().optional(),
  /** Which SLOs: all, none, or these. */
  slo: z.union([z.boolean(), z.array(label)], { error: 'expected true, false or a list of SLO names' }).optional(),
});

export type AlarmsConfig = z.output<typeof alarms>;
