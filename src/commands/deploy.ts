import * as Flags from '@oclif/core/flags';
import { targetFlags, targetRequest } from '../lib/cli/deploy-flags.js';
import { paintLines } from '../lib/cli/lines.js';
import { MlopsCommand } from '../lib/cli/mlops-command.js';
import type { DeployResult } from '../lib/deploy/deploy.js';

export default class Deploy extends MlopsCommand<DeployResult> {
  static override summary = 'Deploy an image, check it, and go back when it does not hold';

  static override description =
    `Shows what changes, brings the new revision up, compares its golden predictions with the local model's (a speech model transcribes a clip) and, with --gate, loads it for a short time. Only then do clients get it. Whatever fails goes back to the revision that served before.

Exit codes: 0 deployed or nothing to change, 1 rollout, golden predictions or clip failed, 3 the gate said no, 4 the gate could not be measured, 5 target out of reach, 130 interrupted (says what is left).`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --target docker',
    '<%= config.bin %> <%= command.id %> --target eks --dry-run',
    '<%= config.bin %> <%= command.id %> --target cloud-run --golden rows.jsonl --gate',
  ];

  static override flags = {
    ...targetFlags,
    image: Flags.string({
      char: 'i',
      description: 'the image [default: the newest of mlops build]',
      env: 'MLOPS_IMAGE',
    }),
    'dry-run': Flags.boolean({ description: 'show what would change and stop' }),
    golden: Flags.string({
      description: 'file with rows that local and deployed model have to predict alike',
      helpValue: 'FILE',
    }),
    gate: Flags.boolean({ description: 'load the new revision before clients get it, judged as load-test does' }),
    'gate-duration': Flags.string({ description: 'how long the gate loads [default: 10s]', dependsOn: ['gate'] }),
    header: Flags.string({
      char: 'H',
      description: "header for the checks, such as 'Authorization: Bearer env://TOKEN'; may be repeated",
      multiple: true,
      multipleNonGreedy: true,
    }),
    expose: Flags.option({ options: ['internal', 'public'] as const, env: 'MLOPS_EXPOSE' })({
      description: 'who can reach it [default: internal]',
    }),
    'public-unauthenticated': Flags.boolean({ description: 'allow a public address without authentication' }),
    port: Flags.integer({
      description: 'docker: port on this machine [default: that of the server]',
      min: 1,
      max: 65_535,
    }),
    'cloud-build': Flags.boolean({ description: 'cloud-run: let Cloud Build make the image' }),
    'force-conflicts': Flags.boolean({ description: 'eks, gke: take over fields that others have changed' }),
    'pull-secret': Flags.boolean({ description: 'eks, gke: make a pull secret from the docker login' }),
  };

  async run(): Promise<DeployResult> {
    const { flags } = await this.parse(Deploy);
    const { runDeploy } = await import('../lib/deploy/run.js');
    const { deployLines } = await import('../lib/deploy/result-lines.js');
    const request = targetRequest(flags);
    const result = await runDeploy(
      {
        ...request,
        kubernetes: {
          ...request.kubernetes,
          forceConflicts: flags['force-conflicts'],
          pullSecret: flags['pull-secret'],
        },
        project: await this.project(),
        port: flags.port,
        image: flags.image,
        dryRun: flags['dry-run'],
        golden: flags.golden,
        gate: flags.gate,
        gateDuration: flags['gate-duration'] ?? '10s',
        headers: flags.header ?? [],
        expose: flags.expose,
        publicUnauthenticated: flags['public-unauthenticated'],
        cloudBuild: flags['cloud-build'],
      },
      {
        ...this.deps,
        stop: this.interrupt,
        now: () => new Date(),
        versions: { mlops: this.config.version, node: process.versions.node },
      },
    );
    await this.print(paintLines(deployLines(result), process.stdout));
    return result;
  }
}
