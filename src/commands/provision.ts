import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import type { Line } from '../lib/base/text/line.js';
import { createConfirm } from '../lib/cli/confirm.js';
import { paintLines } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { InfrastructureDeps } from '../lib/infrastructure/deps.js';
import type { DestroyResult } from '../lib/infrastructure/destroy/destroy.js';
import type { Outputs } from '../lib/infrastructure/outputs.js';
import type { ProvisionResult } from '../lib/infrastructure/provision.js';
import { type Interrupts, watchInterrupts } from '../lib/platform/process/signals.js';

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

  static override flags = {
    cloud: Flags.option({ options: ['aws', 'gcp'] as const, env: 'MLOPS_CLOUD', description: 'where' })(),
    'dry-run': Flags.boolean({ aliases: ['plan'], description: 'show what would happen and stop (also --plan)' }),
    'detailed-exitcode': Flags.boolean({ description: 'exit 3 when there are changes', dependsOn: ['dry-run'] }),
    yes: Flags.boolean({ char: 'y', description: 'answer every question with yes' }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'KEY=VALUE for a Terraform variable, as JSON or text; a secret as env://NAME or file://PATH',
    }),
    backend: Flags.string({ env: 'MLOPS_PROVISION_BACKEND', description: 'keep the state in s3://BUCKET/KEY' }),
    output: Flags.string({ description: 'write the plan as JSON to this file, without sensitive values' }),
    markdown: Flags.string({ description: 'write the plan as Markdown to this file, for a pull request' }),
    outputs: Flags.boolean({ description: 'print the outputs and stop', exclusive: ['destroy', 'dry-run'] }),
    destroy: Flags.boolean({ description: 'destroy everything but data' }),
    'delete-data': Flags.string({
      description: 'BUCKET to delete with all it holds, for ever',
      dependsOn: ['destroy'],
    }),
  };

  async run(): Promise<Result> {
    const { flags } = await this.parse(Provision);
    const { interrupts, dispose } = watchInterrupts();
    try {
      const deps = await this.#deps(flags.yes, interrupts);
      const { cloud, set = [], backend, destroy: isDestroy, outputs: isOutputs, 'dry-run': dryRun } = flags;
      const session = { project: await this.project(), cloud, set, backend };
      const lines = await import('../lib/infrastructure/result-lines.js');
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
      const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(this.deps.cwd, path));
      const files = { planFile: absolute(flags.output), markdownFile: absolute(flags.markdown) };
      const result = await provision({ ...session, ...files, dryRun }, deps);
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

  async #deps(assumeYes: boolean, interrupts: Interrupts): Promise<InfrastructureDeps> {
    const { createInfrastructureDeps } = await import('../lib/infrastructure/create-deps.js');
    const { runner, reporter, env } = this.deps;
    const json = this.jsonEnabled();
    const confirm = createConfirm({ assumeYes, json, env, signal: interrupts.stop });
    const show = async (shown: readonly Line[]) => {
      await reporter.settled();
      process.stderr.write(`${paintLines(shown, process.stderr, { json })}\n`);
    };
    return createInfrastructureDeps({ runner, reporter, env, confirm, interrupts, show });
  }
}
