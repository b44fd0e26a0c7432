import { UsageError } from '../../../base/errors/mlops-error.js';
import { resolveSecret, type SecretSources } from '../../../secrets/resolve.js';
import { Secret } from '../../../secrets/secret.js';

export type Protocol = 'email' | 'https' | 'sqs';

/** Somebody who is to hear of alarms. The endpoint can be a secret; the label never is. */
export interface Subscriber {
  readonly protocol: Protocol;
  readonly endpoint: Secret;
  readonly label: string;
}

const reference = /^[a-z-]+:\/\//;

/**
 * Reads `alarms.subscribe` of mlops.yaml, resolving references. Throws UsageError `SUBSCRIBER_INVALID` or
 * `SLACK_WEBHOOK`, PrerequisiteError `SECRET_MISSING`.
 */
export async function readSubscribers(entries: readonly string[], sources: SecretSources): Promise<Subscriber[]> {
  return await Promise.all(
    entries.map(async (entry) => {
      const isReference = reference.test(entry) && !entry.startsWith('https://');
      const endpoint = isReference ? (await resolveSecret(entry, sources)).reveal().trim() : entry;
      return { protocol: protocolOf(endpoint, entry, isReference), endpoint: new Secret(endpoint), label: entry };
    }),
  );
}

/** How to call an endpoint that SNS knows and mlops.yaml does not: who has the path of a URL has its key. */
export function publicLabel(protocol: string, endpoint: string): string {
  if (protocol !== 'https' && protocol !== 'http') return endpoint;
  return URL.canParse(endpoint)
    ? `${new URL(endpoint).protocol}//${new URL(endpoint).host}/[...]`
    : `${protocol}://[...]`;
}

/** SNS shows the password of a URL with user and password as asterisks. */
export function isSameEndpoint(known: string, wanted: string): boolean {
  return known === wanted || known === wanted.replace(/^(https:\/\/[^/:@]+:)[^/@]+@/, '$1****@');
}

function protocolOf(endpoint: string, entry: string, isReference: boolean): Protocol {
  if (/^arn:[^:]+:sqs:/.test(endpoint)) return 'sqs';
  if (/^[^\s@:/]+@[^\s@:/]+$/.test(endpoint)) return 'email';
  if (!endpoint.startsWith('https://') || !URL.canParse(endpoint)) {
    // Only a reference gets here: the schema has looked at the rest. Its value is not repeated.
    throw new UsageError(`${isReference ? entry : 'A subscriber'} leads to nothing that SNS can deliver to`, {
      code: 'SUBSCRIBER_INVALID',
      why: 'Expected an https URL, an email address or the ARN of an SQS queue.',
    });
  }
  if (new URL(endpoint).host === 'hooks.slack.com') {
    throw new UsageError('A Slack webhook cannot be subscribed to a topic', {
      code: 'SLACK_WEBHOOK',
      why: "SNS asks every https subscriber to confirm, and sends its own JSON. Slack's webhooks understand neither.",
      actions: [
        'Add the channel in Amazon Q Developer in chat applications, which subscribes itself to the topic',
        'Or subscribe the email address of the channel, or the https address of what you run in between',
      ],
    });
  }
  return 'https';
}
