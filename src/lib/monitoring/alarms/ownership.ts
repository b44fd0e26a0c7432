import type { FoundAlarm, Tags } from '../../platform/aws/alarm-types.js';
import type { CloudWatch } from '../../platform/aws/cloudwatch.js';

const projectTag = 'mlops:project';
const managerTag = 'mlops:managed-by';
const manager = 'mlops-alarms';

/**
 * Tags of what `mlops alarms` makes, and by which alone it knows it again: the Terraform files put `mlops:project` on
 * alarms of the user as well.
 */
export function ownerTags(project: string): Tags {
  return { [projectTag]: project, [managerTag]: manager };
}

export function isOwned(tags: Tags, project: string): boolean {
  return tags[projectTag] === project && tags[managerTag] === manager;
}

export interface Existing {
  readonly owned: readonly FoundAlarm[];
  /** Named as ours could be, and not ours. */
  readonly foreign: readonly FoundAlarm[];
}

/** CloudWatch answers few ListTagsForResource calls a second. */
const atOnce = 4;

/** The alarms called `<project>-...`, by whom they belong to. */
export async function existingAlarms(project: string, cloudwatch: CloudWatch): Promise<Existing> {
  const found = await cloudwatch.alarms(`${project}-`);
  const owned: FoundAlarm[] = [];
  const foreign: FoundAlarm[] = [];
  for (let start = 0; start < found.length; start += atOnce) {
    const part = found.slice(start, start + atOnce);
    const tags = await Promise.all(part.map(({ arn }) => cloudwatch.alarmTags(arn)));
    for (const [index, alarm] of part.entries()) (isOwned(tags[index] ?? {}, project) ? owned : foreign).push(alarm);
  }
  return { owned: owned.sort(byName), foreign };
}

function byName(a: FoundAlarm, b: FoundAlarm): number {
  return a.input.AlarmName.localeCompare(b.input.AlarmName, 'en');
}
