import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { createAsking } from '../../lib/cli/asking.js';
import { paintLines } from '../../lib/cli/lines.js';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { DeleteResult } from '../../lib/monitoring/alarms/delete.js';

export default class AlarmsDelete extends MlopsCommand<DeleteResult> {
  static override summary = 'Delete alarms that mlops made: all of the project, or those named';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> LambdaThrottleAlarm',
    '<%= config.bin %> <%= command.id %> --topic --yes',
  ];

  static override strict = false;

  static override args = {
    names: Args.string({ description: "names of alarms, with or without the project's before them" }),
  };

  static override flags = {
    topic: Flags.boolean({ description: 'also the topics and their key, if mlops made them' }),
    'dry-run': Flags.boolean({ description: 'show what would be deleted and stop' }),
    yes: Flags.boolean({ char: 'y', description: 'answer every question with yes' }),
  };

  async run(): Promise<DeleteResult> {
    const { argv, flags } = await this.parse(AlarmsDelete);
    const { deleteAlarms } = await import('../../lib/monitoring/alarms/delete.js');
    const { createAlarmsDeps } = await import('../../lib/monitoring/alarms/create-deps.js');
    const { deleteLines } = await import('../../lib/monitoring/alarms/result-lines.js');
    const signal = this.interrupt;
    const asking = createAsking(this.deps, { assumeYes: flags.yes, json: this.jsonEnabled(), signal });
    const { topic, 'dry-run': dryRun } = flags;
    const result = await deleteAlarms(
      { project: await this.project(), names: argv.map(String), topic, dryRun },
      createAlarmsDeps({ ...this.deps, ...asking, stop: signal }),
    );
    await this.print(paintLines(deleteLines(result), process.stdout));
    return result;
  }
}
