import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../../lib/base/units.js';
import { createAsking } from '../../lib/cli/asking.js';
import { paintLines } from '../../lib/cli/lines.js';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { TestResult } from '../../lib/monitoring/alarms/test.js';

export default class AlarmsTest extends MlopsCommand<TestResult> {
  static override summary = 'Let an alarm go off, see whether it is published, and set it back';

  static override description = `Whoever is subscribed hears of it, as of a real one; its reason says that it is a test.

Exit codes: 0 CloudWatch published it, 3 it could not, said nothing in time, or the alarm has no actions.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> LambdaErrorAlarm',
    '<%= config.bin %> <%= command.id %> flight-delay-slo-availability-page --json',
  ];

  static override args = {
    name: Args.string({ required: true, description: "name of the alarm, with or without the project's before it" }),
  };

  static override flags = {
    timeout: Flags.string({ description: 'how long to wait for the report of CloudWatch', default: '30s' }),
  };

  async run(): Promise<TestResult> {
    const { args, flags } = await this.parse(AlarmsTest);
    const { testAlarm } = await import('../../lib/monitoring/alarms/test.js');
    const { createAlarmsDeps } = await import('../../lib/monitoring/alarms/create-deps.js');
    const { testLines } = await import('../../lib/monitoring/alarms/result-lines.js');
    const signal = this.interrupt;
    const asking = createAsking(this.deps, { assumeYes: false, json: this.jsonEnabled(), signal });
    const result = await testAlarm(
      { project: await this.project(), name: args.name, timeoutMs: parseDuration(flags.timeout) },
      createAlarmsDeps({ ...this.deps, ...asking, stop: signal }),
    );
    if (result.outcome !== 'delivered') this.setExitCode(3);
    await this.print(paintLines(testLines(result), process.stdout));
    return result;
  }
}
