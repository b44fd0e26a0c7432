import type { Site } from '../site.js';

type Place = Pick<Site, 'partition' | 'region' | 'account'>;

/** Alarms of this account and region, and nobody else who calls himself CloudWatch (the confused deputy). */
function alarmsOf({ partition, region, account }: Place) {
  return {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
  };
}

/** Who may publish to the topic: the account's alarms, over TLS. Identities of the account go by their own policies. */
export function topicPolicy(place: Place, topicArn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AlarmsOfThisAccount',
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: topicArn,
        Condition: alarmsOf(place),
      },
      {
        Sid: 'DenyWithoutTls',
        Effect: 'Deny',
        Action: 'sns:Publish',
        Principal: '*',
        Resource: topicArn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}

/**
 * Who may use the key of the topic. The key that AWS manages for SNS does not let CloudWatch in, and its policy cannot be
 * changed: alarms would go off unheard (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns).
 */
export function keyPolicy(place: Place): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AccountDecidesByIamPolicies',
        Effect: 'Allow',
        Action: 'kms:*',
        Principal: { AWS: `arn:${place.partition}:iam::${place.account}:root` },
        Resource: '*',
      },
      {
        Sid: 'AlarmsOfThisAccountPublishToTheTopic',
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: '*',
        Condition: alarmsOf(place),
      },
    ],
  });
}
