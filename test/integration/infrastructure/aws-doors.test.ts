import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AwsCloud } from '../../../src/lib/platform/aws/cloud.js';
import { errorOf } from '../../support/errors.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';

describe.skipIf(!hasMoto)('the doors to AWS', () => {
  let moto: Moto;
  let aws: AwsCloud;
  let settings: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

  beforeAll(async () => {
    moto = await startMoto();
    const { createAwsCloud } = await import('../../../src/lib/platform/aws/cloud.js');
    aws = createAwsCloud({ region: 'us-east-1' });
    settings = { endpoint: moto.url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  });
  afterAll(() => moto?.stop());
  beforeEach(() => {
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
  });

  test('s3: a bucket is made, secured, filled, emptied to the last version and marker in batches, and deleted', async () => {
    expect(await aws.s3.bucketRegion('doors')).toBeUndefined();
    await aws.s3.createBucket('doors', { purpose: 'test' });
    await aws.s3.secureBucket('doors');
    expect(await aws.s3.bucketRegion('doors')).toBe('us-east-1');
    expect([await aws.s3.isVersioned('doors'), await aws.s3.isEmpty('doors')]).toEqual([true, true]);

    const client = new S3Client(settings);
    const Bucket = 'doors';
    const keys = Array.from({ length: 500 }, (_value, index) => `object/${index}`);
    for (const Body of ['one', 'two']) {
      await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body }))));
    }
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'object/0' }));
    expect([await aws.s3.hasObject(Bucket, 'object/1'), await aws.s3.hasObject(Bucket, 'object/0')]).toEqual([
      true,
      false,
    ]);

    const counts: number[] = [];
    expect(await aws.s3.emptyBucket(Bucket, (count) => counts.push(count))).toBe(1001);
    expect(counts).toEqual([1000, 1001]);
    expect(await aws.s3.isEmpty(Bucket)).toBe(true);
    await aws.s3.deleteBucket(Bucket);
    await aws.s3.deleteBucket(Bucket);
    expect(await aws.s3.isEmpty('never-was')).toBe(true);
  });

  test('s3: a bucket in another region is made there', async () => {
    const { createS3 } = await import('../../../src/lib/platform/aws/s3.js');
    const s3 = createS3({ region: 'eu-west-1' });
    await s3.createBucket('doors-away', {});
    expect(await s3.bucketRegion('doors-away')).toBe('eu-west-1');
  });

  test('ec2: a group that others name is let go of and deleted; what is gone already is no error', async () => {
    const client = new EC2Client(settings);
    const group = async (GroupName: string) =>
      (await client.send(new CreateSecurityGroupCommand({ GroupName, Description: 'x' }))).GroupId ?? '';
    const [named, other] = [await group('named'), await group('other')];
    const UserIdGroupPairs = [{ GroupId: named }];
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs }];
    await client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: other, IpPermissions }));
    await aws.ec2.revokeRulesNaming(named);
    const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [other] }));
    expect(SecurityGroups[0]?.IpPermissions).toEqual([]);
    await aws.ec2.deleteSecurityGroup(named);
    await aws.ec2.deleteSecurityGroup(named);
    const { VolumeId = '' } = await client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
    await aws.ec2.deleteVolume(VolumeId);
    await aws.ec2.deleteVolume(VolumeId);
    await aws.ec2.deleteNetworkInterface('eni-0123456789abcdef0');
  });

  test('kms: says when a key is going to be deleted', async () => {
    const client = new KMSClient(settings);
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    const arn = KeyMetadata?.Arn ?? '';
    expect(await aws.kms.deletionDate(arn)).toBeUndefined();
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: 7 }));
    expect((await aws.kms.deletionDate(arn))?.getTime()).toBeGreaterThan(Date.now());
    expect(await aws.kms.deletionDate('00000000-0000-0000-0000-000000000000')).toEqual(new Date(0));
  });

  test('a refusal names the permission and the resource; expired credentials are a prerequisite', async () => {
    moto.faults.push({ call: 's3:GET', fault: 'denied' });
    const denied = await errorOf(() => aws.s3.isEmpty('doors'));
    expect(denied).toMatchObject({ code: 'ACCESS_DENIED', exitCode: 1 });
    expect(denied.message).toBe('AWS does not allow s3:ListBucketVersions on arn:aws:s3:::doors');
    moto.faults.splice(0, 1, { call: 'ec2:DescribeVolumes', fault: 'expired' });
    expect(await errorOf(() => aws.ec2.volumes({}))).toMatchObject({ code: 'CREDENTIALS_REFUSED', exitCode: 5 });
    moto.faults.length = 0;
  });
});
