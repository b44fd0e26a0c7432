import type { Forward } from './aws-fault-proxy.js';

/**
 * Publishes to SNS as CloudWatch does, if it may: the topic's policy has to let CloudWatch in, and its key must not be the
 * one that AWS manages (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns). Returns why it may not.
 */
export async function publishAsAlarm(topic: string, message: object, forward: Forward): Promise<string | undefined> {
  const attributes = await sns(forward, { Action: 'GetTopicAttributes', TopicArn: topic });
  if (attributes.status !== 200) return 'Topic does not exist';
  if (attributes.body.includes('alias/aws/sns')) {
    return 'CloudWatch Alarms is not authorized to access the SNS topic encryption key.';
  }
  const policy = /<key>Policy<\/key>\s*<value>([^<]*)<\/value>/.exec(attributes.body)?.[1] ?? '';
  if (!policy.includes('cloudwatch.amazonaws.com'))
    return `not authorized to perform: SNS:Publish on resource: ${topic}`;
  const published = await sns(forward, { Action: 'Publish', TopicArn: topic, Message: JSON.stringify(message) });
  return published.status === 200 ? undefined : `SNS answered ${published.status}`;
}

async function sns(forward: Forward, parameters: Record<string, string>) {
  return await forward({
    body: new URLSearchParams({ ...parameters, Version: '2010-03-31' }).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-amz-target': '',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
}
