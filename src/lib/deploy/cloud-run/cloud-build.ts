import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import { inStep } from '../../base/progress/reporter.js';
import type { ImageDeps } from '../../image/deps.js';
import { type ContextResult, ejectContext } from '../../image/eject.js';
import { resolveRegistry } from '../../image/registry/resolve.js';
import type { GcloudClient } from '../../platform/gcp/gcloud-client.js';
import type { Project } from '../../project/project.js';
import { type BuiltImage, labelledFacts } from '../images.js';

/** What Cloud Run runs on. */
const platform = 'linux/amd64';
const builder = 'gcr.io/cloud-builders/docker';

interface BuildJson {
  readonly status?: string;
  readonly logUrl?: string;
  readonly results?: { readonly images?: readonly { readonly name?: string; readonly digest?: string }[] };
}

export interface CloudBuildDeps {
  readonly gcloud: GcloudClient;
  readonly image: ImageDeps;
}

export interface CloudBuildRequest {
  readonly project: Project;
  readonly gcpProject: string;
  /** Assembles the context, so that what would be built is known, and stops. */
  readonly dryRun: boolean;
}

/**
 * Builds the image with Cloud Build from the same context that `mlops build` makes, scanned for secrets here before anything
 * leaves this machine, into the project's Artifact Registry. No Docker daemon is needed.
 * Throws UsageError `CLOUD_BUILD_REGISTRY` and those of the context, OperationError `CLOUD_BUILD_FAILED`.
 */
export async function cloudBuild(request: CloudBuildRequest, { gcloud, image }: CloudBuildDeps): Promise<BuiltImage> {
  const repository = await repositoryFor(request.project, image.env);
  const dir = await mkdtemp(join(tmpdir(), 'mlops-cloud-build-'));
  try {
    const contextDir = join(dir, 'context');
    const context = await ejectContext({ project: request.project, base: undefined, platform }, contextDir, image);
    const facts = factsOf(context);
    const tagged = `${repository}:${facts.tag}`;
    if (request.dryRun) return { ...facts, reference: tagged };
    const configFile = join(dir, 'cloudbuild.json');
    await writeFile(configFile, JSON.stringify(buildConfig(context, tagged), null, 2));
    const built = await inStep(image.reporter, `Building ${tagged} with Cloud Build`, () => {
      return gcloud.json<BuildJson>(buildArguments(request.gcpProject, contextDir, configFile), {
        what: 'build the image with Cloud Build',
        signal: image.signal,
      });
    });
    return { ...facts, reference: `${repository}@${digestOf(built)}` };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export function buildArguments(gcpProject: string, contextDir: string, configFile: string): string[] {
  return [
    'builds',
    'submit',
    contextDir,
    `--config=${configFile}`,
    `--project=${gcpProject}`,
    '--suppress-logs',
    '--quiet',
  ];
}

/** https://cloud.google.com/build/docs/build-config-file-schema; a `$` would be a substitution, `$$` is the character. */
export function buildConfig(
  { labels, buildArgs }: Pick<ContextResult, 'labels' | 'buildArgs'>,
  tagged: string,
): unknown {
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value.replaceAll('$', '$$$$')}`]);
  const args = ['build', ...pairs('--build-arg', buildArgs), ...pairs('--label', labels), '--tag', tagged, '.'];
  return { steps: [{ name: builder, args }], images: [tagged] };
}

async function repositoryFor(project: Project, env: ImageDeps['env']): Promise<string> {
  const registry = project.config.image?.registry ?? 'artifact-registry';
  const { kind, prefix, repository } = await resolveRegistry({ project, registry, repository: undefined, env });
  if (kind === 'artifact-registry' && prefix !== undefined) return `${prefix}/${repository}`;
  throw new UsageError('Cloud Build pushes to Artifact Registry only', {
    code: 'CLOUD_BUILD_REGISTRY',
    why: `image.registry of mlops.yaml is ${registry}.`,
    actions: ['mlops build --push, then mlops deploy without --cloud-build', 'image: { registry: artifact-registry }'],
  });
}

function factsOf({ labels, buildArgs }: ContextResult): Omit<BuiltImage, 'reference'> & { tag: string } {
  const known = labelledFacts(labels);
  const short = (digest: string | undefined) => digest?.replace(/^sha256:/, '').slice(0, 12) ?? 'unknown';
  const port = Number(buildArgs.PORT);
  return {
    ...known,
    port: Number.isInteger(port) ? port : undefined,
    tag: `${short(known.modelDigest)}-${short(known.configDigest)}`,
  };
}

function digestOf({ status, logUrl, results }: BuildJson): string {
  const digest = results?.images?.[0]?.digest;
  if (status === 'SUCCESS' && digest !== undefined) return digest;
  throw new OperationError('Cloud Build made no image', {
    code: 'CLOUD_BUILD_FAILED',
    why: `It ended with ${status ?? 'no status'}.`,
    actions: logUrl === undefined ? [] : [`Its log: ${logUrl}`],
  });
}
