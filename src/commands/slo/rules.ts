import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { MlopsCommand } from '../../lib/cli/mlops-command.js';
import { scrapeFlags } from '../../lib/cli/scrape-flags.js';
import type { RulesFile } from '../../lib/slo/compile/rules-file.js';

export default class SloRules extends MlopsCommand<RulesFile> {
  static override summary = 'Write the Prometheus rules of the SLOs: recording rules and burn-rate alerts';

  static override description =
    'Each SLO gets its error ratio over every window, one alert for pages and one for tickets (two windows each have to burn), and one for counters that are not there. Servers that are down have alerts of their own: a page when none answers, a ticket for some. Load the file with rule_files.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --output rules/mlops.yaml',
    '<%= config.bin %> <%= command.id %> --job serving | promtool check rules /dev/stdin',
  ];

  static override flags = {
    output: Flags.string({ char: 'o', summary: 'write to this file instead of stdout' }),
    ...scrapeFlags,
  };

  async run(): Promise<RulesFile> {
    const { flags } = await this.parse(SloRules);
    const { makeRules, writeRules } = await import('../../lib/slo/write-rules.js');
    const { projectSlos } = await import('../../lib/project/slos.js');
    const { readSloSite } = await import('../../lib/project/slo-site.js');
    const project = await this.project();
    const rules = await makeRules(projectSlos(project.config), await readSloSite(project), {
      job: flags.job,
      namespace: flags.namespace,
    });
    if (flags.output === undefined) await this.print(rules.yaml.trimEnd());
    else {
      await writeRules(rules, resolve(this.deps.cwd, flags.output));
      this.deps.reporter.note(`Rules: ${flags.output}`);
      if (rules.retention !== undefined) this.deps.reporter.note(rules.retention);
    }
    return rules.file;
  }
}
