import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPipelineSettings } from '../../../src/lib/lambda/settings.js';
import { queueUrl } from '../../../src/lib/lambda/transcribe/event.js';
import { readPlainSettings } from '../../../src/lib/warehouse/redshift/plain-settings.js';
import { errorOf } from '../../support/errors.js';

test('the variables of the Terraform files, and what holds without them', () => {
  expect(readPipelineSettings({ S3_BUCKET: 'data' })).toEqual({
    bucket: 'data',
    recordings: 'recordings/',
    results: 'processed/',
    failed: 'failed/',
    manifests: 'loads/',
    loaded: 'loaded/',
    format: 'jsonl',
  });
  const env = { S3_BUCKET: 'data', RECORDINGS_PREFIX: 'calls/2026/', RESULT_PREFIX: 'out/', RESULT_FORMAT: 'csv' };
  expect(readPipelineSettings(env)).toMatchObject({ recordings: 'calls/2026/', results: 'out/', format: 'csv' });
  expect(readPipelineSettings({ S3_BUCKET: 'data', RECORDINGS_PREFIX: '' }).recordings).toBe('');
});

test('the functions read every variable that the Terraform files set', () => {
  const files = ['pipeline_transcribe.tf', 'pipeline_load.tf'].map((name) =>
    join(import.meta.dirname, '../../../templates/terraform/aws', name),
  );
  const text = files.map((file) => readFileSync(file, 'utf8')).join('');
  const set = new Set([...text.matchAll(/\b([A-Z0-9]+(?:_[A-Z0-9]+)+) +=/g)].map(([, name]) => name));
  const read = new Set<string>();
  const env = new Proxy<Record<string, string>>(
    { S3_BUCKET: 'data' },
    { get: (target, name: string) => [read.add(name), target[name]][1] },
  );
  readPipelineSettings(env);
  readPlainSettings(env);
  expect(set.size).toBeGreaterThan(8);
  expect([...set].filter((name) => !read.has(name ?? ''))).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  ['S3_BUCKET', { S3_BUCKET: '' }],
  ['S3_BUCKET', { S3_BUCKET: 's3://data' }],
  ['RESULT_PREFIX', { RESULT_PREFIX: 'processed' }],
  ['FAILED_PREFIX', { FAILED_PREFIX: '/failed/' }],
  ['MANIFEST_PREFIX', { MANIFEST_PREFIX: 'processed/loads/' }],
  // A rule that empties the one would empty the other.
  ['LOADED_PREFIX', { LOADED_PREFIX: 'loads/loaded/' }],
  ['RECORDINGS_PREFIX', { RECORDINGS_PREFIX: 'processed/in/' }],
  ['RESULT_FORMAT', { RESULT_FORMAT: 'parquet' }],
])('%s as in %j is refused', async (name, env) => {
  const error = await errorOf(() => readPipelineSettings({ S3_BUCKET: 'data', ...env }));
  expect(error).toMatchObject({ code: 'INVALID_VARIABLE', exitCode: 2, message: expect.stringContaining(name) });
});

test('the address of a queue by its ARN, in every part of AWS', () => {
  const url = (arn: string) => queueUrl(arn);
  expect(url('arn:aws:sqs:us-east-1:123456789012:q')).toBe('https://sqs.us-east-1.amazonaws.com/123456789012/q');
  expect(url('arn:aws-cn:sqs:cn-north-1:123456789012:q')).toBe(
    'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q',
  );
  expect(url('arn:aws:sns:us-east-1:123456789012:q')).toBeUndefined();
});
