import type { ProcessRunner } from '../process/runner.js';
import { GcloudClient } from './gcloud-client.js';

/** What Artifact Registry takes as the user's name beside an access token. */
export const accessTokenUser = 'oauth2accesstoken';

/** An access token of whoever gcloud is logged in as, good for an hour. Throws what `GcloudClient.call` throws. */
export async function gcloudAccessToken(runner: ProcessRunner): Promise<string> {
  const text = await new GcloudClient(runner).call(['auth', 'print-access-token'], { what: 'give an access token' });
  return text.trim();
}
