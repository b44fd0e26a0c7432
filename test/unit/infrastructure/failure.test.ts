import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/lib/infrastructure/terraform/diagnostics.js';
import { terraformFailure } from '../../../src/lib/infrastructure/terraform/failure.js';
import { parseLockInfo } from '../../../src/lib/infrastructure/terraform/lock.js';
import { remedyFor } from '../../../src/lib/infrastructure/terraform/remedies.js';

const context = { operation: 'apply', dir: 'infra/aws', now: Date.parse('2026-11-21T20:43:32Z') };

function diagnostic(detail: string, rest: Partial<Diagnostic> = {}): Diagnostic {
  return { severity: 'error', summary: 'creating it', detail, address: null, file: null, line: null, ...rest };
}

const lockDetail = `Error message: resource temporarily unavailable
Lock Info:
  ID:        428d84dc-6410-9984-d5d2-5116b48eb7fb
  Path:      terraform.tfstate
  Operation: OperationTypeApply
  Who:       someone@laptop
  Version:   1.11.4
  Created:   2026-11-21 20:38:32.817980978 +0000 UTC
  Info:      


Terraform acquires a state lock to protect the state`;

describe('a held lock', () => {
  test('says who holds it, since when and for what, and never unlocks', () => {
    const error = terraformFailure([diagnostic(lockDetail, { summary: 'Error acquiring the state lock' })], context);
    expect(error).toMatchObject({ code: 'STATE_LOCKED', exitCode: 1 });
    expect(error.why).toBe(
      'someone@laptop holds it since 2026-11-21T20:38:32Z, for 5 m 0 s (apply, lock 428d84dc-6410-9984-d5d2-5116b48eb7fb). Nothing was changed.',
    );
    expect(error.actions.at(-1)).toContain('terraform -chdir=infra/aws force-unlock 428d84dc');
  });

  test('other times and missing fields are read as well', () => {
    const text = 'Lock Info:\n  ID: a\n  Who: b@c\n  Created: 2026-11-21 22:38:32 +0200 CEST\n';
    expect(parseLockInfo(text)).toEqual({
      id: 'a',
      who: 'b@c',
      operation: null,
      created: new Date('2026-11-21T20:38:32Z'),
    });
    expect(parseLockInfo('Error: something else')).toBeUndefined();
  });
});

describe('what went wrong', () => {
  test('is told by resource with file and line, once, without what terraform adds after every failure', () => {
    const bucket = diagnostic('creating S3 Bucket (x): BucketAlreadyExists: taken', {
      summary: 'creating S3 Bucket',
      address: 'aws_s3_bucket.data[0]',
      file: 'storage.tf',
      line: 33,
    });
    const halted = diagnostic('', { summary: 'execution halted' });
    const error = terraformFailure([bucket, halted, bucket, halted], {
      ...context,
      done: '3 of 48 changes were made.',
    });
    expect(error.message).toBe('terraform apply failed with an error');
    expect(error.why).toBe(
      '3 of 48 changes were made.\naws_s3_bucket.data[0] (storage.tf:33)\n  creating S3 Bucket\n  creating S3 Bucket (x): BucketAlreadyExists: taken',
    );
    expect(error.actions).toEqual([expect.stringContaining('set another one for aws_s3_bucket.data[0]')]);
  });

  test('a wrong variable is wrong usage', () => {
    const wrong = diagnostic('name must be 2 to 29 letters.', { summary: 'Invalid value for variable' });
    expect(terraformFailure([wrong], context)).toMatchObject({ code: 'VARIABLE_INVALID', exitCode: 2 });
    // Beside another error it is not the whole story.
    expect(terraformFailure([wrong, diagnostic('boom')], context)).toMatchObject({ exitCode: 1 });
  });

  test('a plan that is out of date says so', () => {
    const stale = diagnostic('The given plan file can no longer be applied', { summary: 'Saved plan is stale' });
    expect(terraformFailure([stale], context)).toMatchObject({ code: 'PLAN_STALE', exitCode: 1 });
  });

  test('expired credentials are a missing prerequisite', () => {
    const expired = diagnostic('api error ExpiredToken: The security token included in the request is expired');
    expect(terraformFailure([expired], context)).toMatchObject({ code: 'CREDENTIALS_REFUSED', exitCode: 5 });
  });

  test('a crash without diagnostics shows what was printed', () => {
    expect(terraformFailure([], { ...context, output: 'panic: oh no' }).why).toBe('panic: oh no');
  });

  test('a flood of errors is cut', () => {
    const many = Array.from({ length: 30 }, (_value, index) => diagnostic(`number ${index}`));
    const { why = '', message } = terraformFailure(many, context);
    expect(message).toBe('terraform apply failed with 30 errors');
    expect(why).toMatch(/\.\.\. and 10 more$/);
  });
});

describe('known errors have a remedy', () => {
  const cases: Array<[string, RegExp]> = [
    [
      'api error AccessDenied: User: arn:aws:iam::1:user/x is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::b" because no identity-based policy allows it',
      /^Allow s3:CreateBucket on arn:aws:s3:::b for/,
    ],
    [
      'api error UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:iam::1:user/x is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:1:instance/* because',
      /^Allow ec2:RunInstances on arn:aws:ec2:us-east-1:1:instance\/\* for/,
    ],
    [
      'operation error S3: CreateBucket, https response error StatusCode: 403, api error AccessDenied: Access Denied',
      /^Allow s3:CreateBucket on aws_x\.y for/,
    ],
    [
      "googleapi: Error 403: Required 'compute.networks.create' permission for 'projects/p/global/networks/n'",
      /compute\.networks\.create on projects\/p/,
    ],
    [
      'Error 403: Compute Engine API has not been used in project 12 before or it is disabled. Visit compute.googleapis.com',
      /gcloud services enable compute\.googleapis\.com/,
    ],
    [
      'api error VpcLimitExceeded: The maximum number of VPCs has been reached.',
      /quota is used up \(VpcLimitExceeded\)/,
    ],
    ['api error BucketAlreadyExists: The requested bucket name is not available', /shared by all AWS accounts/],
    ['api error BucketAlreadyOwnedByYou: Your previous request', /terraform import 'aws_x\.y' ID/],
    ['api error EntityAlreadyExists: Role with name x already exists.', /terraform import 'aws_x\.y' ID/],
    ['api error ThrottlingException: Rate exceeded', /fewer requests/],
    ['api error ExpiredToken: expired', /aws sso login/],
    ['api error VPCIdNotSpecified: No default VPC for this user', /no default VPC/],
    ['api error DependencyViolation: The subnet has dependencies', /still uses it/],
    ['api error InsufficientInstanceCapacity: We currently do not', /another type or other zones/],
    ['https response error StatusCode: 503, api error ServiceUnavailable: x', /fault of its own/],
    ['dial tcp: lookup ec2.us-east-1.amazonaws.com: no such host', /cannot be reached/],
    ['api error BucketNotEmpty: The bucket you tried to delete is not empty', /--delete-data BUCKET/],
    ['Instance cannot be destroyed: Resource x has lifecycle.prevent_destroy set', /prevent_destroy.*switched on/],
    ['Cannot destroy cluster because deletion_protection is set to true.', /Set deletion_protection to false/],
    ['api error OptInRequired: You are not subscribed', /activated/],
  ];
  test.each(cases)('%s', (detail, remedy) => {
    expect(remedyFor(diagnostic(detail, { address: 'aws_x.y' }))).toMatch(remedy);
  });

  test('an unknown one has none', () => {
    expect(remedyFor(diagnostic('a thing nobody has seen'))).toBeUndefined();
  });
});
