import { resolve } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { parseDuration } from '../base/units.js';
import { resolveHeaderSecrets } from '../load-test/header-secrets.js';
import { parseHeader } from '../load-test/request.js';
import { rowsFor } from '../load-test/rows.js';
import { bundledModelName, catalogPath, speechEntryOf } from '../model/catalog.js';
import { openModel } from '../model/open.js';
import { speechModelIn } from '../model/speech-files.js';
import type { Model } from '../model/types.js';
import { createDocker } from '../platform/docker/docker.js';
import type { Project } from '../project/project.js';
import { chooseTarget, createTarget, requireNamedProject, type TargetDeps } from './create-target.js';
import { checkCurrent } from './current.js';
import { type DeployResult, deploy } from './deploy.js';
import { createGate, type Gate, gateOptions } from './gate.js';
import type { SpeechClip } from './golden/clip.js';
import { type GoldenSet, goldenSet } from './golden/rows.js';
import { type BuiltImage, chooseImage } from './images.js';
import type { KubernetesFlags } from './kubernetes/options.js';
import { drainWarning, resolveRelease } from './release.js';
import { type RollbackResult, rollback } from './rollback.js';
import { deployStatus, type StatusResult } from './status.js';
import type { Release, Target, TargetKind } from './target.js';

/** Which target, as people say it. */
export interface TargetRequest {
  readonly project: Project;
  readonly target: TargetKind | undefined;
  readonly namespace: string | undefined;
  /** Such as `5m`. */
  readonly timeout: string;
  readonly port: number | undefined;
  readonly kubernetes: KubernetesFlags;
}

/** A deploy as people ask for it; what is missing comes from mlops.yaml. */
export interface DeployCommand extends TargetRequest {
  readonly image: string | undefined;
  readonly dryRun: boolean;
  readonly golden: string | undefined;
  readonly gate: boolean;
  readonly gateDuration: string;
  readonly expose: 'internal' | 'public' | undefined;
  readonly publicUnauthenticated: boolean;
  /** `Name: value`, also with references to secrets. */
  readonly headers: readonly string[];
  readonly cloudBuild: boolean;
}

export interface RunDeps extends TargetDeps {
  readonly stop: AbortSignal;
  /** Where relative paths of the command line start. */
  readonly cwd: string;
  readonly versions: { readonly mlops: string; readonly node: string };
}

/** The whole of `mlops deploy`. Throws as `deploy`, and UsageError for what is wrong before anything is asked or changed. */
export async function runDeploy(command: DeployCommand, deps: RunDeps): Promise<DeployResult> {
  const { config, dir } = command.project;
  const kind = chooseTarget(command.target, config.deploy?.target);
  requireNamedProject(kind, command.project, deps.reporter);
  const secrets = { env: deps.env, baseDir: deps.cwd };
  const headers = (await resolveHeaderSecrets(command.headers, secrets)).map(parseHeader);
  const gateMs = parseDuration(command.gateDuration);
  // Refused before an image is looked for: the answer does not depend on it.
  const flags = { expose: command.expose, publicUnauthenticated: command.publicUnauthenticated };
  resolveRelease(kind, config, flags, {
    reference: '',
    modelDigest: undefined,
    configDigest: undefined,
    port: undefined,
    auth: undefined,
    drainMs: undefined,
  });
  const image = await imageFor(command, kind, deps);
  const release = resolveRelease(kind, config, flags, image);
  const warning = drainWarning(kind, config);
  if (warning !== undefined) deps.reporter.warn(warning);
  const checks = command.dryRun
    ? { golden: undefined, clip: undefined, gate: undefined }
    : await prepareChecks(command, release, gateMs, deps);
  const { reporter, stop } = deps;
  return await withTarget(command, kind, deps, async (target) => {
    return await deploy({ release, dryRun: command.dryRun, ...checks, headers }, { target, reporter, stop });
  });

  async function prepareChecks(asked: DeployCommand, to: Release, durationMs: number, from: RunDeps) {
    const model = await modelFor(asked, dir);
    const golden = await goldenFor(asked, to, model, from);
    const clip = clipFor(asked, to, from);
    return { golden, clip, gate: asked.gate ? gateFor(asked, model, golden, durationMs, from) : undefined };
  }
}

export async function runStatus(request: TargetRequest, deps: TargetDeps): Promise<StatusResult> {
  const { config } = request.project;
  const kind = chooseTarget(request.target, config.deploy?.target);
  return await withTarget(request, kind, deps, (target) => deployStatus(config.name, target));
}

export async function runRollback(
  request: TargetRequest & { readonly to: number | undefined },
  deps: TargetDeps & { readonly stop: AbortSignal },
): Promise<RollbackResult> {
  const { reporter, stop } = deps;
  const kind = chooseTarget(request.target, request.project.config.deploy?.target);
  requireNamedProject(kind, request.project, reporter);
  return await withTarget(request, kind, deps, (target) => rollback(request.to, { target, reporter, stop }));
}

async function withTarget<T>(
  request: TargetRequest,
  kind: TargetKind,
  deps: TargetDeps,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const { project, namespace, port, kubernetes } = request;
  const timeoutMs = parseDuration(request.timeout);
  const chosen = namespace ?? project.config.deploy?.namespace ?? 'default';
  const target = await createTarget(kind, { project, namespace: chosen, timeoutMs, port, kubernetes }, deps);
  try {
    return await work(target);
  } finally {
    await target.close?.().catch((error: unknown) => deps.reporter.warn(describeError(error)));
  }
}

async function imageFor(command: DeployCommand, kind: TargetKind, deps: RunDeps): Promise<BuiltImage> {
  const { project, image: given, cloudBuild: isCloudBuild, dryRun } = command;
  if (!isCloudBuild) {
    const image = await chooseImage({ kind, name: project.config.name, given }, createDocker(deps));
    await checkCurrent(project, image, given !== undefined, deps.reporter);
    return image;
  }
  if (kind !== 'cloud-run' || given !== undefined) {
    throw new UsageError('--cloud-build is for --target cloud-run without --image', { code: 'CLOUD_BUILD_USAGE' });
  }
  const { cloudBuild } = await import('./cloud-run/cloud-build.js');
  const { cloudRunSettings } = await import('./cloud-run/open.js');
  const { GcloudClient } = await import('../platform/gcp/gcloud-client.js');
  const { createImageDeps } = await import('../image/create-deps.js');
  const { runner, reporter, env, stop: signal, versions } = deps;
  const { project: gcpProject } = await cloudRunSettings(project, env);
  const facts = { mlopsVersion: versions.mlops, nodeArch: 'x64' };
  const image = createImageDeps({ runner, reporter, env, signal, ...facts });
  return await cloudBuild({ project, gcpProject, dryRun }, { gcloud: new GcloudClient(runner), image });
}

/** The local model, where something has to be compared with it or asked of it. */
async function modelFor({ project, golden, gate }: DeployCommand, dir: string): Promise<Model | undefined> {
  const { model, deploy: configured } = project.config;
  const isBundled = model === undefined || resolve(dir, model) === catalogPath(bundledModelName);
  const isNeeded = golden !== undefined || configured?.golden !== undefined || gate || isBundled;
  return isNeeded || model === bundledModelName ? await openModel(model, { baseDir: dir }) : undefined;
}

async function goldenFor(
  command: DeployCommand,
  release: Release,
  model: Model | undefined,
  { cwd, reporter }: RunDeps,
): Promise<GoldenSet | undefined> {
  if (model === undefined) return undefined;
  const { project, golden } = command;
  const configured = project.config.deploy?.golden;
  const file = golden === undefined ? configured && resolve(project.dir, configured) : resolve(cwd, golden);
  const deployed = release.modelDigest?.replace(/^sha256:/, '');
  if (deployed === undefined || deployed === model.digest) return await goldenSet({ model, file });
  const why = `The image holds the model ${deployed.slice(0, 12)}, the project has ${model.digest.slice(0, 12)}.`;
  if (golden === undefined) {
    reporter.warn(`${why} Predictions are not compared.`);
    return undefined;
  }
  throw new UsageError('Golden predictions need the model that is in the image', {
    code: 'GOLDEN_OTHER_MODEL',
    why,
    actions: ['mlops build', 'Leave --golden out: being ready is then all that is checked'],
  });
}

/** What a speech model is asked, if the image has the one of the project: what another one takes is not known. */
function clipFor({ project }: DeployCommand, release: Release, { reporter }: RunDeps): SpeechClip | undefined {
  const { model = '' } = project.config;
  const entry = speechEntryOf(model);
  if (entry === undefined) return undefined;
  const deployed = release.modelDigest?.replace(/^sha256:/, '');
  const { digest } = speechModelIn(project.dir, model, entry);
  if (deployed === undefined || deployed === digest) return { model };
  const held = `The image holds the model ${deployed.slice(0, 12)}, the project has ${digest.slice(0, 12)}.`;
  reporter.warn(`${held} No clip is transcribed.`);
  return undefined;
}

function gateFor(
  { project }: DeployCommand,
  model: Model | undefined,
  golden: GoldenSet | undefined,
  durationMs: number,
  deps: RunDeps,
): Gate {
  const isBundled = model === undefined || model.path === catalogPath(bundledModelName);
  const row = isBundled ? undefined : (golden?.rows[0] ?? rowsFor(model)[0]);
  const { reporter, runner, cwd, versions } = deps;
  return createGate(gateOptions(project.config.loadTest, durationMs, row), {
    reporter,
    runner,
    cwd,
    versions,
    // For tests without a URL; a gate always has one.
    model: { reference: undefined, baseDir: cwd },
    serve: { program: 'mlops', args: ['serve'], cwd },
  });
}
