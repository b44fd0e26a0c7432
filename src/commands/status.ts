import { targetFlags, targetRequest } from '../lib/cli/deploy-flags.js';
import { paintLines } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { StatusResult } from '../lib/deploy/status.js';

export default class Status extends MlopsCommand<StatusResult> {
  static override summary = 'Show what is deployed, and the last deploys';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --target docker',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  static override flags = targetFlags;

  async run(): Promise<StatusResult> {
    const { flags } = await this.parse(Status);
    const { runStatus } = await import('../lib/deploy/run.js');
    const { statusLines } = await import('../lib/deploy/result-lines.js');
    const request = { ...targetRequest(flags), project: await this.project() };
    const status = await runStatus(request, { ...this.deps, now: () => new Date() });
    await this.print(paintLines(statusLines(status), process.stdout));
    return status;
  }
}
