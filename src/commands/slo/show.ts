import * as Flags from '@oclif/core/flags';
import { exitCodes } from '../../lib/base/errors/exit-codes.js';
import { paintLines } from '../../lib/cli/lines.js';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import type { SloOverview } from '../../lib/slo/show.js';

export default class SloShow extends MlopsCommand<SloOverview> {
  static override summary = 'Show the SLOs: error budgets, when they alert, and where their numbers come from';

  static override description = 'Exit code 2 when one of them cannot be watched as it is written.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --rate 50/s',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  static override flags = {
    rate: Flags.string({
      summary: 'expected requests such as 50/s or 100000/d: budgets in requests, and a warning about low traffic',
      env: 'MLOPS_SLO_RATE',
    }),
  };

  async run(): Promise<SloOverview> {
    const { flags } = await this.parse(SloShow);
    const { parseRate } = await import('../../lib/slo/rate.js');
    const { showSlos } = await import('../../lib/slo/show.js');
    const { sloLines } = await import('../../lib/slo/show-lines.js');
    const { projectSlos, sloLimits } = await import('../../lib/project/slos.js');
    const { readSloSite } = await import('../../lib/project/slo-site.js');
    const rate = flags.rate === undefined ? undefined : parseRate(flags.rate);
    const project = await this.project();
    const site = await readSloSite(project);
    const overview = showSlos(projectSlos(project.config), { site, rate, ...sloLimits(project.config) });
    await this.print(paintLines(sloLines(overview), process.stdout));
    if (overview.findings.some(({ level }) => level === 'error')) this.setExitCode(exitCodes.usage.code);
    return overview;
  }
}
