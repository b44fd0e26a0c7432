import * as Flags from '@oclif/core/flags';
import { createAsking } from '../../lib/cli/asking.js';
import { paintLines } from '../../lib/cli/lines.js';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { ApplyResult } from '../../lib/monitoring/alarms/apply.js';

export default class AlarmsApply extends MlopsCommand<ApplyResult> {
  static override summary = 'Bring the alarms in CloudWatch to what mlops.yaml says';

  static override description =
    `Reads what is there, shows what is created, updated, unchanged and deleted, and applies it. Asks only when something is deleted. Touches nothing that mlops did not make. A run that failed half-way is completed by the next one.

Alarms: errors, throttles and duration of the functions; age of the oldest message and dead letters; nodes and pods on EKS; loads into Redshift; and how fast the error budgets of the SLOs burn. What has no source is not created, and said. They publish to an encrypted SNS topic, pages and tickets also to one of their own if mlops.yaml says so. See docs/alarms.md.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --dry-run --detailed-exitcode',
    '<%= config.bin %> <%= command.id %> --yes',
  ];

  static override flags = {
    'dry-run': Flags.boolean({ description: 'show what would change and stop' }),
    'detailed-exitcode': Flags.boolean({ description: 'exit 3 when there are changes', dependsOn: ['dry-run'] }),
    yes: Flags.boolean({ char: 'y', description: 'answer every question with yes' }),
    prune: Flags.boolean({ description: 'unsubscribe whom mlops.yaml does not name' }),
  };

  async run(): Promise<ApplyResult> {
    const { flags } = await this.parse(AlarmsApply);
    const { applyAlarms } = await import('../../lib/monitoring/alarms/apply.js');
    const { createAlarmsDeps } = await import('../../lib/monitoring/alarms/create-deps.js');
    const { applyLines } = await import('../../lib/monitoring/alarms/result-lines.js');
    const signal = this.interrupt;
    const asking = createAsking(this.deps, { assumeYes: flags.yes, json: this.jsonEnabled(), signal });
    const deps = createAlarmsDeps({ ...this.deps, ...asking, stop: signal });
    const options = { project: await this.project(), dryRun: flags['dry-run'], prune: flags.prune };
    const result = await applyAlarms(options, deps);
    if (flags['detailed-exitcode'] && result.hasChanges) this.setExitCode(3);
    await this.print(paintLines(applyLines(result), process.stdout));
    return result;
  }
}
