import * as Flags from '@oclif/core/flags';
import { targetFlags, targetRequest } from '../lib/cli/deploy-flags.js';
import { paintLines } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { RollbackResult } from '../lib/deploy/rollback.js';

export default class Rollback extends MlopsCommand<RollbackResult> {
  static override summary = 'Make an earlier revision serve again';

  static override description =
    'Without --to: the last one that served before the current one. When it does not come up, the current one is brought back.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --target docker',
    '<%= config.bin %> <%= command.id %> --target eks --to 7',
  ];

  static override flags = {
    ...targetFlags,
    to: Flags.integer({ description: 'number of the revision; mlops status lists them', min: 1 }),
  };

  async run(): Promise<RollbackResult> {
    const { flags } = await this.parse(Rollback);
    const { runRollback } = await import('../lib/deploy/run.js');
    const { rollbackLines } = await import('../lib/deploy/result-lines.js');
    const result = await runRollback(
      { ...targetRequest(flags), project: await this.project(), to: flags.to },
      { ...this.deps, stop: this.interrupt, now: () => new Date() },
    );
    await this.print(paintLines(rollbackLines(result), process.stdout));
    return result;
  }
}
