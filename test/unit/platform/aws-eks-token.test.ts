import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createClusterToken } from '../../../src/lib/platform/aws/eks-token.js';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session/+=' };

async function presigned(region: string): Promise<URL> {
  const token = await createClusterToken(
    'my cluster',
    { region },
    { credentials, at: new Date('2026-11-21T20:44:00Z') },
  );
  expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8'));
}

/** Signature Version 4 of a presigned request, written down again from AWS's description of it. */
function signatureOf(url: URL, region: string): string {
  const pairs = [...url.searchParams].filter(([name]) => name !== 'X-Amz-Signature');
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = pairs
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const headers = `host:${url.host}\nx-k8s-aws-id:my cluster\n`;
  const empty = createHash('sha256').update('').digest('hex');
  const canonical = ['GET', '/', query, headers, 'host;x-k8s-aws-id', empty].join('\n');
  const scope = `20261121/${region}/sts/aws4_request`;
  const text = [
    'AWS4-HMAC-SHA256',
    '20261121T204400Z',
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const key = ['20261121', region, 'sts', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secretAccessKey}`,
  );
  return hmac(key, text).toString('hex');
}

test('the token is a presigned GetCallerIdentity that names the cluster, and its signature is right', async () => {
  const url = await presigned('eu-west-1');
  expect(url.host).toBe('sts.eu-west-1.amazonaws.com');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    'X-Amz-Security-Token': credentials.sessionToken,
  });
  expect(url.searchParams.get('X-Amz-Signature')).toBe(signatureOf(url, 'eu-west-1'));
});

test('in China the host is another one', async () => {
  expect((await presigned('cn-north-1')).host).toBe('sts.cn-north-1.amazonaws.com.cn');
});
