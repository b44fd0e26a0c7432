import type { AwsSettings } from './client.js';
import { type CloudWatch, createCloudWatch } from './cloudwatch.js';
import { createEc2, type Ec2 } from './ec2.js';
import { createEks, type Eks } from './eks.js';
import { createElb, type Elb } from './elb.js';
import { createKms, type Kms } from './kms.js';
import { createRedshiftServerless, type RedshiftServerless } from './redshift-serverless.js';
import { createS3, type S3 } from './s3.js';
import { createSns, type Sns } from './sns.js';
import { createSts, type Sts } from './sts.js';
import { createTagging, type Tagging } from './tagging.js';

/** One account in one region. No client is made before its first use. */
export interface AwsCloud {
  readonly sts: Sts;
  readonly s3: S3;
  readonly ec2: Ec2;
  readonly eks: Eks;
  readonly elb: Elb;
  readonly kms: Kms;
  readonly cloudwatch: CloudWatch;
  readonly sns: Sns;
  readonly tagging: Tagging;
  readonly redshiftServerless: RedshiftServerless;
}

export function createAwsCloud(settings: AwsSettings): AwsCloud {
  return {
    sts: createSts(settings),
    s3: createS3(settings),
    ec2: createEc2(settings),
    eks: createEks(settings),
    elb: createElb(settings),
    kms: createKms(settings),
    cloudwatch: createCloudWatch(settings),
    sns: createSns(settings),
    tagging: createTagging(settings),
    redshiftServerless: createRedshiftServerless(settings),
  };
}
