import * as Flags from '@oclif/core/flags';

/** For flags that say what to do with a plan. */
const plans = { exclusive: ['destroy', 'outputs'] };

/** The flags of `mlops provision`. */
export const provisionFlags = {
  cloud: Flags.option({ options: ['aws', 'gcp'] as const, env: 'MLOPS_CLOUD', description: 'where' })(),
  'dry-run': Flags.boolean({ aliases: ['plan'], description: 'show what would happen and stop (also --plan)' }),
  'detailed-exitcode': Flags.boolean({
    description: 'exit 3 when there are changes',
    dependsOn: ['dry-run'],
    ...plans,
  }),
  yes: Flags.boolean({ char: 'y', description: 'answer every question with yes' }),
  set: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'KEY=VALUE for a Terraform variable, as JSON or text; a secret as env://NAME or file://PATH',
  }),
  backend: Flags.string({ env: 'MLOPS_PROVISION_BACKEND', description: 'keep the state in s3://BUCKET/KEY' }),
  output: Flags.string({ description: 'write the plan as JSON to this file, without sensitive values', ...plans }),
  markdown: Flags.string({ description: 'write the plan as Markdown to this file, for a pull request', ...plans }),
  outputs: Flags.boolean({ description: 'print the outputs and stop', exclusive: ['destroy', 'dry-run'] }),
  destroy: Flags.boolean({ description: 'destroy everything but data' }),
  'delete-data': Flags.string({ description: 'BUCKET to delete with all it holds', dependsOn: ['destroy'] }),
};
