import { OperationError } from '../../base/errors/mlops-error.js';
import { type AwsSettings, createCaller } from './client.js';
import { hasAwsCode } from './errors.js';

export interface EcrLogin {
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com` */
  readonly registry: string;
  readonly username: string;
  /** Good for 12 hours, for every repository that the caller may use. */
  readonly password: string;
}

export interface Ecr {
  /** The login that `docker login` takes. */
  login(): Promise<EcrLogin>;
  /**
   * Makes a repository with immutable tags and a scan of every push, as the Terraform files do. One that is there already
   * stays as it is. Returns whether it was made now.
   */
  createRepository(name: string): Promise<boolean>;
}

export function createEcr(settings: AwsSettings): Ecr {
  const call = createCaller('ecr', async () => {
    const sdk = await import('@aws-sdk/client-ecr');
    return { sdk, client: new sdk.ECRClient(settings) };
  });
  return {
    login: () =>
      call('GetAuthorizationToken', `the registry in ${settings.region}`, async ({ sdk, client }) => {
        const { authorizationData } = await client.send(new sdk.GetAuthorizationTokenCommand({}));
        const { authorizationToken, proxyEndpoint } = authorizationData?.[0] ?? {};
        const [username, password] = Buffer.from(authorizationToken ?? '', 'base64')
          .toString('utf8')
          .split(':', 2);
        if (!username || !password || !proxyEndpoint) {
          throw new OperationError('ECR gave no login', {
            code: 'ECR_LOGIN_MISSING',
            why: 'The answer to ecr:GetAuthorizationToken holds no token.',
          });
        }
        return { registry: new URL(proxyEndpoint).host, username, password };
      }),
    createRepository: (name) =>
      call('CreateRepository', name, async ({ sdk, client }) => {
        try {
          await client.send(
            new sdk.CreateRepositoryCommand({
              repositoryName: name,
              imageTagMutability: 'IMMUTABLE',
              imageScanningConfiguration: { scanOnPush: true },
            }),
          );
          return true;
        } catch (error) {
          if (hasAwsCode(error, 'RepositoryAlreadyExistsException')) return false;
          throw error;
        }
      }),
  };
}
