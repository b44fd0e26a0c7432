import { resolve } from 'node:path';
import type { Line } from '../lib/base/text/line.js';
import { askAndShow } from '../lib/cli/ask-and-show.js';
import { paintLines } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import { provisionFlags } from '../lib/cli/provision-flags.js';
import type { DestroyResult } from '../lib/infrastructure/destroy/destroy.js';
import type { Outputs } from '../lib/infrastructure/outputs.js';
import type { ProvisionResult } from '../lib/infrastructure/provision.js';
import { watchInterrupts } from '../lib/platform/process/signals.js';

type Result = ProvisionResult | DestroyResult | { readonly outputs: Outputs };

export default class Provision extends MlopsCommand<Result> {
  static override summary = 'Make, change or destroy the infrastructure with Terraform';

  static override description =
    `Copies the Terraform files once into infra/<cloud>, yours from then on. Writes terraform.tfvars.json from mlops.yaml, plans, shows the plan, asks, and applies exactly that plan.

--destroy keeps data: a bucket with objects, its key and the final snapshot of the warehouse. The next provision takes them in again.

Ctrl-C lets terraform finish what is in flight and save its state; run the command again to go on.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run --markdown plan.md',
    '<%= config.bin %> <%= command.id %> --yes --set zone_count=2',
    '<%= config.bin %> <%= command.id %> --backend s3://my-team-terraform/flight-delay.tfstate',
    '<%= config.bin %> <%= command.id %> --destroy',
  ];

  static override flags = provisionFlags;

  async run(): Promise<Result> {
    const { flags } = await this.parse(Provision);
    const { cloud, set = [], backend, destroy: isDestroy, outputs: isOutputs, 'dry-run': dryRun } = flags;
    const { runner, reporter, env, cwd } = this.deps;
    const { interrupts, dispose } = watchInterrupts();
    const terminal = { assumeYes: flags.yes, json: this.jsonEnabled(), env, reporter, signal: interrupts.stop };
    const { createInfrastructureDeps } = await import('../lib/infrastructure/create-deps.js');
    const deps = createInfrastructureDeps({ runner, reporter, env, interrupts, ...askAndShow(terminal) });
    const lines = await import('../lib/infrastructure/result-lines.js');
    try {
      const session = { project: await this.project(), cloud, set, backend };
      if (isDestroy) {
        const { destroy } = await import('../lib/infrastructure/destroy/destroy.js');
        const destroyed = await destroy({ ...session, deleteData: flags['delete-data'], dryRun }, deps);
        return await this.#show(destroyed, lines.destroyLines(destroyed));
      }
      const { provision, currentOutputs } = await import('../lib/infrastructure/provision.js');
      if (isOutputs) {
        const outputs = await currentOutputs(session, deps);
        return await this.#show({ outputs }, lines.outputLines(outputs));
      }
      const [planFile, markdownFile] = [flags.output, flags.markdown].map((path) => path && resolve(cwd, path));
      const result = await provision({ ...session, planFile, markdownFile, dryRun }, deps);
      if (flags['detailed-exitcode'] && result.plan.hasChanges) this.setExitCode(3);
      return await this.#show(result, lines.provisionLines(result));
    } finally {
      dispose();
    }
  }

  async #show<T extends Result>(result: T, lines: readonly Line[]): Promise<T> {
    await this.print(paintLines(lines, process.stdout));
    return result;
  }
}
