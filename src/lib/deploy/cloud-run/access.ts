import type { GcloudClient } from '../../platform/gcp/gcloud-client.js';
import type { Release } from '../target.js';
import { type CloudRunSettings, type Ingress, ingressArguments, ingressOf, invokerArguments } from './arguments.js';
import { type ServiceAddress, type ServiceJson, where } from './service.js';

interface PolicyJson {
  readonly bindings?: readonly { readonly role?: string; readonly members?: readonly string[] }[];
}

/** Who may call a service, and from where. */
export interface Access {
  /** True when anybody may, without saying who they are. */
  readonly isPublic: boolean;
  readonly ingress: Ingress;
}

export async function accessOf(gcloud: GcloudClient, at: ServiceAddress, service: ServiceJson): Promise<Access> {
  const policy = await gcloud.json<PolicyJson>(['run', 'services', 'get-iam-policy', at.service, ...where(at)], {
    what: `read who may call ${at.service}`,
  });
  const invokers = (policy.bindings ?? []).filter(({ role }) => role === 'roles/run.invoker');
  const annotations = service.metadata?.annotations ?? {};
  return {
    isPublic:
      invokers.some(({ members }) => members?.includes('allUsers')) ||
      annotations['run.googleapis.com/invoker-iam-disabled'] === 'true',
    ingress: (annotations['run.googleapis.com/ingress'] as Ingress | undefined) ?? 'all',
  };
}

/** Opens or closes the service as the release says; only what differs is touched. */
export async function setAccess(
  gcloud: GcloudClient,
  settings: CloudRunSettings,
  release: Release,
  now: Access,
): Promise<void> {
  const isPublic = release.expose === 'public';
  const ingress = ingressOf(settings, release);
  // Closing comes before widening where calls may come from, opening after.
  if (!isPublic && now.isPublic) await invoker('remove');
  if (ingress !== now.ingress) {
    await gcloud.call(ingressArguments(settings, ingress), { what: `set the ingress of ${settings.service}` });
  }
  if (isPublic && !now.isPublic) await invoker('add');

  async function invoker(action: 'add' | 'remove'): Promise<void> {
    const what = `${action === 'add' ? 'let everybody call' : 'close to the public'} ${settings.service}`;
    await gcloud.call(invokerArguments(settings, action), { what });
  }
}

/**
 * Headers that prove who we are to a service that asks. The token is for the service's own URL, also where a tag's is
 * called; a person's login cannot choose that, and is taken without. It goes into the header that leaves `Authorization`
 * to the model server (https://cloud.google.com/run/docs/authenticating/service-to-service).
 */
export async function identityHeaders(
  gcloud: GcloudClient,
  serviceUrl: string,
): Promise<readonly (readonly [string, string])[]> {
  const args = ['auth', 'print-identity-token'];
  const what = 'get an identity token';
  const forService = await gcloud.call([...args, `--audiences=${serviceUrl}`], {
    what,
    allow: /Requires valid service account/,
  });
  const token = (forService ?? (await gcloud.call(args, { what }))).trim();
  return [['X-Serverless-Authorization', `Bearer ${token}`]];
}
