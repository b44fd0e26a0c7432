import * as Flags from '@oclif/core/flags';
import { paintLines } from '../../lib/cli/lines.js';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import { scrapeFlags } from '../../lib/cli/scrape-flags.js';
import type { ApplyResult } from '../../lib/monitoring/grafana/run-apply.js';

export default class DashboardApply extends MlopsCommand<ApplyResult> {
  static override summary = 'Bring the dashboards into Grafana over its HTTP API';

  static override description =
    `Creates a folder of the project's name and its dashboards, and updates those that differ. It changes only dashboards
that it made, and never one that somebody saves at the same time. Alert rules and contact points come by files: dashboard generate.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --url https://grafana.example.com --token env://GRAFANA_TOKEN --dry-run',
    '<%= config.bin %> <%= command.id %> --data-sources',
  ];

  static override flags = {
    url: Flags.string({ summary: 'address of Grafana; default: grafana.url of mlops.yaml', env: 'MLOPS_GRAFANA_URL' }),
    token: Flags.string({
      summary: 'reference to a service account token (env://, file://); default: grafana.token of mlops.yaml',
      env: 'MLOPS_GRAFANA_TOKEN',
      helpValue: 'REFERENCE',
    }),
    ...scrapeFlags,
    'data-sources': Flags.boolean({ summary: 'also create or update the data sources; needs the role Admin' }),
    'dry-run': Flags.boolean({ summary: 'show what would change, and stop' }),
  };

  async run(): Promise<ApplyResult> {
    const { flags } = await this.parse(DashboardApply);
    const { runApply, applyLines } = await import('../../lib/monitoring/grafana/run-apply.js');
    const { env, reporter } = this.deps;
    const result = await runApply(
      {
        project: await this.project(),
        url: flags.url,
        token: flags.token,
        job: flags.job,
        namespace: flags.namespace,
        dataSources: flags['data-sources'],
        dryRun: flags['dry-run'],
        signal: this.interrupt,
        env,
      },
      reporter,
    );
    await this.print(paintLines(applyLines(result), process.stdout));
    return result;
  }
}
