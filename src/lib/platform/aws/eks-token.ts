import { type AwsSettings, partition } from './client.js';
import { awsCall } from './errors.js';

/** Seconds in which the presigned request has to be used by the cluster; the token itself is taken for 15 minutes. */
const expiresIn = 60;

/** How long EKS takes a token, in milliseconds. */
export const clusterTokenLifetimeMs = 15 * 60_000;

interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The bearer token that `aws eks get-token` prints: an STS GetCallerIdentity request, presigned for this cluster, that the
 * cluster sends to STS to learn who calls
 * (https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster).
 * `given` is for tests; without it the usual chain of the SDK and the clock are asked. Throws PrerequisiteError without credentials.
 */
export async function createClusterToken(
  cluster: string,
  settings: AwsSettings,
  given: { credentials?: SigningCredentials; at?: Date } = {},
): Promise<string> {
  const credentials = given.credentials ?? (await defaultCredentials(settings));
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const { Sha256 } = await import('@aws-crypto/sha256-js');
  const signer = new SignatureV4({ credentials, region: settings.region, service: 'sts', sha256: Sha256 });
  const hostname = `sts.${settings.region}.${partition(settings.region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    headers: { host: hostname, 'x-k8s-aws-id': cluster },
  };
  const signed = await signer.presign(request, {
    expiresIn,
    // The cluster's name is signed as a header: the cluster adds it again when it sends the request.
    unhoistableHeaders: new Set(['x-k8s-aws-id']),
    ...(given.at === undefined ? {} : { signingDate: given.at }),
  });
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query.join('&')}`).toString('base64url')}`;
}

async function defaultCredentials(settings: AwsSettings): Promise<SigningCredentials> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({ ...settings });
  return await awsCall('sts:GetCallerIdentity', 'the cluster', () => client.config.credentials());
}

/** Everything but the unreserved characters of RFC 3986, which is what the signature was made over. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
