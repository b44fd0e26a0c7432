import type { AwsSettings } from './client.js';
import { createCaller } from './client.js';
import { createClusterToken } from './eks-token.js';
import { isNotFound } from './errors.js';

export interface EksCluster {
  readonly name: string;
  /** `https://...`; undefined while the cluster is being made. */
  readonly endpoint: string | undefined;
  /** PEM in base64, as a kubeconfig has it. */
  readonly certificateAuthority: string | undefined;
  /** `ACTIVE`, `CREATING`, ... */
  readonly status: string;
  readonly hasPublicEndpoint: boolean;
}

export interface Eks {
  /** Undefined when there is no such cluster in the region. */
  describeCluster(name: string): Promise<EksCluster | undefined>;
  clusterNames(): Promise<string[]>;
  /** A bearer token for the cluster's API, good for 15 minutes. It is made here, without a call. */
  clusterToken(name: string): Promise<string>;
}

/** Amazon EKS. Permissions: eks:DescribeCluster, eks:ListClusters. */
export function createEks(settings: AwsSettings): Eks {
  const call = createCaller('eks', async () => {
    const sdk = await import('@aws-sdk/client-eks');
    return { sdk, client: new sdk.EKSClient({ ...settings, maxAttempts: 3 }) };
  });
  return {
    async describeCluster(name) {
      return await call('DescribeCluster', name, async ({ sdk, client }) => {
        try {
          const { cluster } = await client.send(new sdk.DescribeClusterCommand({ name }));
          if (cluster === undefined) return undefined;
          return {
            name,
            endpoint: cluster.endpoint,
            certificateAuthority: cluster.certificateAuthority?.data,
            status: cluster.status ?? 'UNKNOWN',
            hasPublicEndpoint: cluster.resourcesVpcConfig?.endpointPublicAccess === true,
          };
        } catch (error) {
          if (isNotFound(error)) return undefined;
          throw error;
        }
      });
    },
    async clusterNames() {
      return await call('ListClusters', 'the region', async ({ sdk, client }) => {
        const { clusters = [] } = await client.send(new sdk.ListClustersCommand({ maxResults: 100 }));
        return clusters;
      });
    },
    clusterToken: (name) => createClusterToken(name, settings),
  };
}
