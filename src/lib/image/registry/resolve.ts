import { UsageError } from '../../base/errors/mlops-error.js';
import type { AwsSettings } from '../../platform/aws/client.js';
import type { Project } from '../../project/project.js';
import { readProvisioned, textOutput } from '../../project/provisioned.js';

/** Where an image is pushed to. */
export interface RegistryTarget {
  readonly kind: 'ecr' | 'artifact-registry' | 'other';
  /** `host/path` that the repository goes below; undefined for an ECR registry that only the account knows. */
  readonly prefix: string | undefined;
  /** Below the prefix. */
  readonly repository: string;
  readonly aws?: AwsSettings;
}

export interface RegistryOptions {
  readonly project: Project;
  /** `--registry` and `--repository`, before those of mlops.yaml. */
  readonly registry: string | undefined;
  readonly repository: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const ecrHost = /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/;

/**
 * Reads `image.registry` and `image.repository` (the project's name by default). Without a registry, the one that
 * `mlops provision` made. Throws UsageError `REGISTRY_MISSING`, `REGISTRY_INVALID`, `REPOSITORY_INVALID`,
 * `GCP_TARGET_MISSING`.
 */
export async function resolveRegistry(options: RegistryOptions): Promise<RegistryTarget> {
  const { config, dir } = options.project;
  const repository = checkedRepository(options.repository ?? config.image?.repository ?? config.name);
  const registry = options.registry ?? config.image?.registry ?? (await provisionedKind(options.project));
  if (registry === 'ecr') {
    const url = textOutput(await readProvisioned(dir, 'aws'), 'ecr_repository_url');
    const made = url === undefined ? undefined : splitHost(url);
    const given = options.repository ?? config.image?.repository;
    return ecr(made?.host, given ?? made?.path ?? config.name, options);
  }
  if (registry === 'artifact-registry') {
    const prefix = await artifactRegistryUrl(options);
    return { kind: 'artifact-registry', prefix, repository };
  }
  const { host, path } = splitHost(checked(registry));
  if (ecrHost.test(host)) return ecr(host, path === '' ? repository : `${path}/${repository}`, options);
  const kind = /(^|\.)(pkg\.dev|gcr\.io)$/.test(host) ? 'artifact-registry' : 'other';
  return { kind, prefix: registry, repository };
}

function ecr(host: string | undefined, repository: string, { project, env }: RegistryOptions): RegistryTarget {
  const { region, profile } = project.config.aws ?? {};
  const here = (host === undefined ? undefined : ecrHost.exec(host)?.[1]) ?? region ?? env.AWS_REGION;
  const aws = { region: here || env.AWS_DEFAULT_REGION || 'us-east-1', ...(profile === undefined ? {} : { profile }) };
  return { kind: 'ecr', prefix: host, repository, aws };
}

/** A registry that `mlops provision` made for this project is the one that is meant. */
async function provisionedKind({ dir }: Project): Promise<string> {
  const has = async (cloud: 'aws' | 'gcp', output: string) =>
    textOutput(await readProvisioned(dir, cloud), output) !== undefined;
  if (await has('aws', 'ecr_repository_url')) return 'ecr';
  if (await has('gcp', 'artifact_registry_url')) return 'artifact-registry';
  throw new UsageError('Where should the image be pushed to?', {
    code: 'REGISTRY_MISSING',
    why: 'No registry is configured, and `mlops provision` has made none for this project.',
    actions: [
      'Write image: { registry: ecr } into mlops.yaml; or artifact-registry, docker.io/USER, HOST:PORT',
      'Or add --registry',
    ],
  });
}

/** `REGION-docker.pkg.dev/PROJECT/REPOSITORY`, as the Terraform files name it unless the project's name is long. */
async function artifactRegistryUrl({ project: { config, dir }, env }: RegistryOptions): Promise<string> {
  const url = textOutput(await readProvisioned(dir, 'gcp'), 'artifact_registry_url');
  if (url !== undefined) return url;
  const project = config.gcp?.project ?? env.GOOGLE_CLOUD_PROJECT;
  if (!project) {
    throw new UsageError('Which Artifact Registry?', {
      code: 'GCP_TARGET_MISSING',
      why: 'Neither mlops.yaml nor the outputs of `mlops provision` name a Google Cloud project.',
      actions: [
        'Write gcp: { project: ID, region: us-central1 } into mlops.yaml',
        'Or add --registry REGION-docker.pkg.dev/PROJECT/REPOSITORY',
      ],
    });
  }
  return `${config.gcp?.region ?? 'us-central1'}-docker.pkg.dev/${project}/${config.name}`;
}

function checked(registry: string): string {
  if (/^(localhost|\[[0-9a-fA-F:]+\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)(:\d+)?(\/[a-z0-9._-]+)*$/.test(registry)) {
    if (/[.:[]/.test(splitHost(registry).host) || splitHost(registry).host === 'localhost') return registry;
  }
  throw new UsageError(`'${registry}' is no registry`, {
    code: 'REGISTRY_INVALID',
    why: 'Expected ecr, artifact-registry, docker.io/USER, or a host with its path, such as ghcr.io/team or 127.0.0.1:5000.',
    actions: ['Correct image.registry of mlops.yaml, or --registry'],
  });
}

/** The form is that of the OCI distribution specification, which has no capital letters. */
export function checkedRepository(repository: string): string {
  const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  if (new RegExp(`^${part}(?:/${part})*$`).test(repository) && repository.length <= 200) return repository;
  throw new UsageError(`'${repository}' cannot name a repository`, {
    code: 'REPOSITORY_INVALID',
    why: 'Expected lower-case letters and digits, with dots, dashes, underscores or slashes between them.',
    actions: ['Correct image.repository of mlops.yaml, or --repository'],
  });
}

function splitHost(url: string): { host: string; path: string } {
  const slash = url.indexOf('/');
  return slash === -1 ? { host: url, path: '' } : { host: url.slice(0, slash), path: url.slice(slash + 1) };
}
