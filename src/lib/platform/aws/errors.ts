import { describeError } from '../../base/errors/describe.js';
import { MlopsError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';

interface AwsFault extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly Code?: string;
}

const staleCredentials =
  /^(ExpiredToken|ExpiredTokenException|RequestExpired|InvalidClientTokenId|UnrecognizedClientException|AuthFailure|SignatureDoesNotMatch|InvalidAccessKeyId|CredentialsProviderError|TokenProviderError)$/;
const denied = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden|AuthorizationError)$/;

/** The error code of a failed call, such as `NoSuchBucket`; undefined for what is no answer of AWS. */
export function awsErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return (error as AwsFault).Code ?? error.name;
}

export function hasAwsCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(awsErrorCode(error) ?? '');
}

/** True for credentials that are missing, expired or unknown to AWS. */
export function isCredentialsError(error: unknown): boolean {
  return staleCredentials.test(awsErrorCode(error) ?? '');
}

/** True when AWS answered that the thing asked for is not there. */
export function isNotFound(error: unknown): boolean {
  const status = error instanceof Error ? (error as AwsFault).$metadata?.httpStatusCode : undefined;
  return status === 404 || /NotFound|^NoSuch/.test(awsErrorCode(error) ?? '');
}

/** True when AWS answered that this identity may not ask. */
export function isForbidden(error: unknown): boolean {
  const status = error instanceof Error ? (error as AwsFault).$metadata?.httpStatusCode : undefined;
  return status === 403 && !isCredentialsError(error);
}

/**
 * Runs one call; what it throws becomes an error of ours that names the permission (`s3:CreateBucket`) and the resource.
 * Throws PrerequisiteError `CREDENTIALS_REFUSED`, OperationError `ACCESS_DENIED` or `AWS_CALL_FAILED`.
 */
export async function awsCall<T>(permission: string, resource: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof MlopsError ? error : awsFailure(error, permission, resource);
  }
}

function awsFailure(error: unknown, permission: string, resource: string): MlopsError {
  const code = awsErrorCode(error) ?? 'Error';
  const why = `${permission} on ${resource}: ${code}: ${describeError(error)}`;
  if (isCredentialsError(error)) {
    return new PrerequisiteError('AWS refuses the credentials', {
      code: 'CREDENTIALS_REFUSED',
      why,
      actions: ['Renew them, for example with `aws sso login`, and run the command again'],
      cause: error,
    });
  }
  if (denied.test(code) || (error as AwsFault).$metadata?.httpStatusCode === 403) {
    return new OperationError(`AWS does not allow ${permission} on ${resource}`, {
      code: 'ACCESS_DENIED',
      why,
      actions: [`Allow ${permission} on ${resource} for the identity that runs this, or use another one`],
      cause: error,
    });
  }
  return new OperationError(`A call to AWS failed: ${permission} on ${resource}`, {
    code: 'AWS_CALL_FAILED',
    why,
    actions: ['Run the command again: it goes on where it stopped'],
    cause: error,
  });
}
