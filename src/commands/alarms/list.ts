import { createAsking } from '../../lib/cli/asking.js';
import { paintLines } from '../../lib/cli/lines.js';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { ListResult } from '../../lib/monitoring/alarms/list.js';

export default class AlarmsList extends MlopsCommand<ListResult> {
  static override summary = "Show the project's alarms, their state and reason, and who hears of them";

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  async run(): Promise<ListResult> {
    await this.parse(AlarmsList);
    const { listAlarms } = await import('../../lib/monitoring/alarms/list.js');
    const { createAlarmsDeps } = await import('../../lib/monitoring/alarms/create-deps.js');
    const { listLines } = await import('../../lib/monitoring/alarms/result-lines.js');
    const signal = this.interrupt;
    const asking = createAsking(this.deps, { assumeYes: false, json: this.jsonEnabled(), signal });
    const result = await listAlarms(await this.project(), createAlarmsDeps({ ...this.deps, ...asking, stop: signal }));
    await this.print(paintLines(listLines(result), process.stdout));
    return result;
  }
}
