import { relative, resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { paintLines } from '../../lib/cli/lines.js';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import { scrapeFlags } from '../../lib/cli/scrape-flags.js';
import type { GenerateResult } from '../../lib/monitoring/grafana/generate.js';

export default class DashboardGenerate extends MlopsCommand<GenerateResult> {
  static override summary = 'Write Grafana dashboards and provisioning files';

  static override description =
    `Writes dashboards as JSON, and data sources, alert rules and contact points as Grafana's provisioning files.
They are plain files and yours: one that you have changed is not overwritten, unless --force. No secret is in them: Grafana takes
webhooks and keys from its own environment.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --output ops/grafana --job flight-delay --force',
  ];

  static override flags = {
    output: Flags.string({ char: 'o', summary: 'folder to write to', default: 'grafana', helpValue: 'DIR' }),
    ...scrapeFlags,
    policies: Flags.boolean({
      summary: 'also write notification policies: they REPLACE the whole tree of the organisation',
    }),
    force: Flags.boolean({ summary: 'overwrite files that were changed by hand' }),
  };

  async run(): Promise<GenerateResult> {
    const { flags } = await this.parse(DashboardGenerate);
    const { generateGrafanaFiles, generateLines } = await import('../../lib/monitoring/grafana/generate.js');
    const { cwd, env, reporter } = this.deps;
    if (flags.policies) {
      reporter.warn(
        'The notification policies replace the whole tree of the organisation, routes of other teams included',
      );
    }
    const { output, job, namespace, policies, force } = flags;
    const request = { project: await this.project(), dir: resolve(cwd, output), job, namespace, policies, force, env };
    const result = await generateGrafanaFiles(request);
    const dir = relative(cwd, result.dir) || '.';
    await this.print(paintLines(generateLines({ ...result, dir }), process.stdout));
    return result;
  }
}
