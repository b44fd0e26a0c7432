import { join } from 'node:path';
import { UsageError } from '../base/errors/mlops-error.js';
import { inStep } from '../base/progress/reporter.js';
import type { AwsCloud } from '../platform/aws/cloud.js';
import type { CallerIdentity } from '../platform/aws/sts.js';
import type { Project } from '../project/project.js';
import { createRedactor } from '../secrets/redact.js';
import type { InfrastructureDeps } from './deps.js';
import { backendMoves, configureBackend, parseBackend } from './folder/backend.js';
import { declaredVariables } from './folder/declared.js';
import { collectVariables, type Variables, writeVariables } from './folder/variables.js';
import { type Cloud, hasTerraformFiles, prepareWorkingFolder } from './folder/working-folder.js';
import { requireAwsCredentials } from './preflight/aws.js';
import { requireGcpCredentials } from './preflight/gcp.js';
import { requireSamePlace } from './preflight/same-place.js';
import { managedResources, type StateResource } from './state.js';
import { explicitVariables, projectVariables, resolveTarget, type Target } from './target.js';
import { Terraform } from './terraform/terraform.js';
import { requireTerraform } from './terraform/version.js';

export interface SessionOptions {
  readonly project: Project;
  readonly cloud: Cloud | undefined;
  /** `KEY=VALUE` */
  readonly set: readonly string[];
  /** `s3://bucket/key`; undefined leaves the backend as it is. */
  readonly backend: string | undefined;
}

/** An initialized working folder with terraform in it, and the account behind it. */
export interface Session {
  readonly target: Target;
  readonly name: string;
  /** Absolute, and as the user would type it. */
  readonly dir: string;
  readonly dirLabel: string;
  /** The variables file as this run wrote it. */
  readonly variables: string;
  readonly terraform: Terraform;
  /** What terraform looked after when the session was opened. */
  readonly state: readonly StateResource[];
  readonly aws: AwsCloud | undefined;
  readonly identity: CallerIdentity | undefined;
}

/**
 * Checks what is needed before anything starts (terraform, credentials), brings the working folder in order and
 * initializes it. `create: false` refuses a project without a working folder instead of making one.
 */
export async function openSession(
  options: SessionOptions,
  deps: InfrastructureDeps,
  { create }: { create: boolean },
): Promise<Session> {
  const { config, dir: projectDir } = options.project;
  const target = await resolveTarget(config, options, deps.env, deps.configuredRegion);
  const backend = options.backend === undefined ? undefined : parseBackend(options.backend);
  if (backend !== undefined && target.cloud !== 'aws') backendNeedsAws();
  const dirLabel = `infra/${target.cloud}`;
  const dir = join(projectDir, dirLabel);
  if (!create && !(await hasTerraformFiles(dir))) nothingHere(dirLabel);

  await requireTerraform(deps.runner, projectDir);
  const { aws, identity } = await openCloud(target, deps, projectDir);
  await prepareWorkingFolder({ dir, label: dirLabel, cloud: target.cloud, templates: deps.templates }, deps.reporter);
  const { variables, written } = await prepareVariables(options, target, dir, deps);
  const dataDir = join(dir, deps.env.TF_DATA_DIR ?? '.terraform');
  if (backend !== undefined && aws !== undefined) {
    await configureBackend({ dir, backend, region: target.region, dataDir }, aws.s3, deps.reporter);
  }
  const terraform = new Terraform({
    runner: deps.runner,
    interrupts: deps.interrupts,
    dir,
    dirLabel,
    env: { ...cloudEnv(target), ...secretEnv(variables) },
    redact: createRedactor(Object.values(variables.secret)),
    now: deps.now,
  });
  const moves = await backendMoves(dir, dataDir);
  if (moves !== undefined) deps.reporter.note(`The state moves from ${moves.from} to ${moves.to}`);
  await inStep(deps.reporter, 'Initializing terraform', () => terraform.init({ migrate: moves !== undefined }));
  const state = managedResources(await terraform.pullState());
  if (identity !== undefined) {
    requireSamePlace(state, { account: identity.account, region: target.region }, dirLabel);
  }
  return { target, name: config.name, dir, dirLabel, variables: written, terraform, state, aws, identity };
}

async function openCloud(target: Target, deps: InfrastructureDeps, cwd: string) {
  if (target.cloud === 'gcp') {
    const source = await requireGcpCredentials(deps.runner, deps.env, cwd);
    deps.reporter.note(`Google Cloud project ${target.project} in ${target.region}, credentials of ${source}`);
    return { aws: undefined, identity: undefined };
  }
  const { region, profile } = target;
  const aws = deps.aws({ region, ...(profile === undefined ? {} : { profile }) });
  const identity = await requireAwsCredentials(aws.sts, { region, profile, env: deps.env });
  deps.reporter.note(`AWS account ${identity.account} in ${region}, as ${identity.arn}`);
  return { aws, identity };
}

async function prepareVariables(
  options: SessionOptions,
  target: Target,
  dir: string,
  deps: InfrastructureDeps,
): Promise<{ variables: Variables; written: string }> {
  const { config, dir: baseDir } = options.project;
  const sources = {
    project: projectVariables(config, target),
    explicit: explicitVariables(config),
    set: options.set,
  };
  const declared = await declaredVariables(dir);
  const variables = await collectVariables(sources, declared, { env: deps.env, baseDir }, deps.reporter);
  return { variables, written: await writeVariables(dir, variables.plain) };
}

function cloudEnv(target: Target): Record<string, string | undefined> {
  if (target.cloud === 'gcp') return {};
  // A profile of mlops.yaml counts for terraform and for us alike.
  return { AWS_REGION: target.region, ...(target.profile === undefined ? {} : { AWS_PROFILE: target.profile }) };
}

function secretEnv({ secret }: Variables): Record<string, string> {
  return Object.fromEntries(Object.entries(secret).map(([name, value]) => [`TF_VAR_${name}`, value.reveal()]));
}

function backendNeedsAws(): never {
  throw new UsageError('--backend s3://... is for the AWS infrastructure', {
    code: 'BACKEND_INVALID',
    actions: [
      'On Google Cloud write a backend "gcs" block into infra/gcp yourself: terraform init takes it from there',
    ],
  });
}

function nothingHere(dirLabel: string): never {
  throw new UsageError(`There is no infrastructure here: ${dirLabel} has no Terraform files`, {
    code: 'NOT_PROVISIONED',
    actions: [
      'Run this in the folder of the project (where mlops.yaml is)',
      'mlops provision --dry-run shows what it would make',
    ],
  });
}
