import { describeError } from '../../base/errors/describe.js';
import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import { isCredentialsError } from '../../platform/aws/errors.js';
import type { CallerIdentity, Sts } from '../../platform/aws/sts.js';

export interface AwsContext {
  readonly region: string;
  readonly profile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Asks AWS whose credentials these are. Throws PrerequisiteError `CREDENTIALS_MISSING` or `AWS_UNREACHABLE`. */
export async function requireAwsCredentials(sts: Sts, context: AwsContext): Promise<CallerIdentity> {
  try {
    return await sts.callerIdentity();
  } catch (error) {
    throw isCredentialsError(error) ? refused(error, context) : unreachable(error, context);
  }
}

function refused(error: unknown, context: AwsContext): PrerequisiteError {
  const profile = context.profile ?? context.env.AWS_PROFILE;
  const suffix = profile === undefined ? '' : ` --profile ${profile}`;
  return new PrerequisiteError('There are no valid AWS credentials', {
    code: 'CREDENTIALS_MISSING',
    why: `${describeError(error)}\nLooked at: ${places(context).join(', ')}.`,
    actions: [`aws sso login${suffix}`, `aws configure${suffix}`, 'aws sts get-caller-identity shows whose they are'],
    cause: error,
  });
}

/** Names only: what stands in the variables is nobody's business. */
function places({ profile, env }: AwsContext): string[] {
  const state = (name: string) => `${name} (${env[name] ? 'set' : 'not set'})`;
  const chosen =
    profile !== undefined ? `profile '${profile}' of mlops.yaml` : `AWS_PROFILE (${env.AWS_PROFILE || 'not set'})`;
  return [
    chosen,
    state('AWS_ACCESS_KEY_ID'),
    state('AWS_SESSION_TOKEN'),
    state('AWS_WEB_IDENTITY_TOKEN_FILE'),
    env.AWS_SHARED_CREDENTIALS_FILE ?? '~/.aws/credentials',
    env.AWS_CONFIG_FILE ?? '~/.aws/config',
    'the role of the instance or container',
  ];
}

function unreachable(error: unknown, { region }: AwsContext): PrerequisiteError {
  return new PrerequisiteError('AWS cannot be asked whose credentials these are', {
    code: 'AWS_UNREACHABLE',
    why: `STS in ${region}: ${describeError(error)}`,
    actions: ['Check the network, the proxy and the region, then run the command again'],
    cause: error,
  });
}
