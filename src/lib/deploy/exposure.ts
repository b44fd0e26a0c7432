import { UsageError } from '../base/errors/mlops-error.js';

export interface ExposureRequest {
  readonly expose: 'internal' | 'public';
  /** `serve.auth.type` of mlops.yaml. */
  readonly auth: string;
  /** `--public-unauthenticated`: said on the command line, so that no file says it for somebody else. */
  readonly publicUnauthenticated: boolean;
}

/** Throws UsageError `PUBLIC_UNAUTHENTICATED` for an address that anybody on the internet could use up. */
export function checkExposure({ expose, auth, publicUnauthenticated }: ExposureRequest): void {
  if (expose === 'internal' || auth !== 'none' || publicUnauthenticated) return;
  throw new UsageError('A public address without authentication is refused', {
    code: 'PUBLIC_UNAUTHENTICATED',
    why: 'expose is public and serve.auth.type is none: anybody could call the model.',
    actions: [
      'Keep it inside: --expose internal (the default)',
      'Let only authorised systems in: serve.auth in mlops.yaml',
      'If everybody may call it: --public-unauthenticated',
    ],
  });
}
