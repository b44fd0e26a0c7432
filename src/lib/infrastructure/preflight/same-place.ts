import { PrerequisiteError, UsageError } from '../../base/errors/mlops-error.js';
import { type StateResource, text } from '../state.js';

/**
 * Refuses to look for the infrastructure of one account and region in another: terraform would find nothing there, take
 * everything for gone, and make it a second time or forget it. Where a state lies its own ARNs say; one without any lies
 * nowhere yet. Throws PrerequisiteError `WRONG_ACCOUNT` or UsageError `WRONG_REGION`.
 */
export function requireSamePlace(
  state: readonly StateResource[],
  here: { readonly account: string; readonly region: string },
  dirLabel: string,
): void {
  const { accounts, regions } = placesOf(state);
  if (accounts.size > 0 && !accounts.has(here.account)) {
    throw new PrerequisiteError(`These credentials are of account ${here.account}, which is not where this lies`, {
      code: 'WRONG_ACCOUNT',
      why: `The infrastructure of ${dirLabel} is in account ${list(accounts)}. From here all of it would seem to be gone. Nothing was changed.`,
      actions: ['Choose the credentials of that account, for example by AWS_PROFILE, and run the command again'],
    });
  }
  if (regions.size > 0 && !regions.has(here.region)) {
    throw new UsageError(
      `The infrastructure of ${dirLabel} is in ${list(regions)}, and this run is for ${here.region}`,
      {
        code: 'WRONG_REGION',
        why: 'From there all of it would seem to be gone, and be made a second time. Nothing was changed.',
        actions: [
          `Write aws: { region: ${[...regions][0]} } into mlops.yaml, so that no AWS_REGION decides`,
          'For a second region: a project folder of its own with another name, because IAM names are per account',
          'To move: mlops provision --destroy first',
        ],
      },
    );
  }
}

function placesOf(state: readonly StateResource[]): { accounts: Set<string>; regions: Set<string> } {
  const accounts = new Set<string>();
  const regions = new Set<string>();
  for (const resource of state) {
    const arn = text(resource, 'arn') ?? '';
    const [, region = '', account = ''] = /^arn:[^:]+:[^:]+:([^:]*):(\d{12}):/.exec(arn) ?? [];
    if (account !== '') accounts.add(account);
    if (region !== '') regions.add(region);
  }
  return { accounts, regions };
}

function list(names: ReadonlySet<string>): string {
  return [...names].sort().join(' and ');
}
