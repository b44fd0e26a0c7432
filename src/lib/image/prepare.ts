import { isAbsolute, relative } from 'node:path';
import { UsageError } from '../base/errors/mlops-error.js';
import { inStep } from '../base/progress/reporter.js';
import { formatSize } from '../base/units.js';
import { defaultSpeechModel, speechEntryOf } from '../model/catalog.js';
import { inspectModel } from '../model/open.js';
import { type Project, projectFileName } from '../project/project.js';
import { type ImageModel, predictorOf, speechModelOf } from './context/image-model.js';
import { lambdaPlan } from './context/lambda-plan.js';
import type { ImagePlan } from './context/plan.js';
import { servingPlan } from './context/serving-plan.js';
import { type WrittenLayer, writeContext } from './context/write.js';
import type { ImageDeps } from './deps.js';
import type { ImagePlatform } from './platform.js';
import { refuseSecrets, scanPlan } from './scan/scan.js';

export const defaultBase = 'node:24-bookworm-slim';

/** What an image is for: to serve the project's model, or to be the functions of its pipeline. */
export type ImageKind = 'serving' | 'lambda';

export interface ContextOptions {
  readonly project: Project;
  /** `serving` unless it is said. */
  readonly kind?: ImageKind | undefined;
  /** `--base`, before that of mlops.yaml. */
  readonly base: string | undefined;
  readonly platform: ImagePlatform;
}

/** A build context that was looked through and is written. */
export interface PreparedContext {
  readonly plan: ImagePlan;
  readonly base: string;
  readonly layers: readonly WrittenLayer[];
  readonly bytes: number;
  readonly modelVersion: string;
  readonly durationMs: { readonly context: number; readonly scan: number };
}

/**
 * Looks for secrets in what goes into an image, then writes its build context into `dir`, an empty folder. Throws UsageError
 * `SECRETS_FOUND`, `BASE_UNSUPPORTED` and those of `inspectModel` and `ensureSpeechModel`.
 */
export async function prepareContext(
  { project, platform, kind = 'serving', ...options }: ContextOptions,
  dir: string,
  deps: ImageDeps,
): Promise<PreparedContext> {
  const { config } = project;
  const base = options.base ?? config.image?.base ?? defaultBase;
  refuseMusl(base);
  const started = deps.now();
  const model = kind === 'lambda' ? await speechImageModel(project, deps) : await imageModel(project, deps);
  const facts = { mlopsVersion: deps.mlopsVersion, revision: await deps.revisionOf(project.dir) };
  const configSource = project.file ?? projectFileName;
  const planOf = kind === 'lambda' ? lambdaPlan : servingPlan;
  const plan = await planOf({ config, model, platform, base, facts, configSource, packaged: deps.packaged });
  await refuseSecretsIn(plan, project, deps);
  const scanned = deps.now();
  const { layers, bytes } = await inStep(
    deps.reporter,
    'Assembling the build context',
    async () => {
      const written = await writeContext(plan, dir);
      return { layers: written, bytes: written.reduce((sum, layer) => sum + layer.bytes, 0) };
    },
    (made) => `Assembled the build context: ${formatSize(made.bytes)} for ${platform.name}`,
  );
  const durationMs = { scan: scanned - started, context: deps.now() - scanned };
  return { plan, base, layers, bytes, modelVersion: model.resolved.version, durationMs };
}

async function imageModel({ config, dir }: Project, { speechModel, packaged }: ImageDeps): Promise<ImageModel> {
  const { model } = config;
  if (model !== undefined && speechEntryOf(model) !== undefined) {
    return speechModelOf(await speechModel(model), packaged.licences);
  }
  return await predictorOf(await inspectModel(model, { baseDir: dir }));
}

/** The model that `mlops transcribe` has. */
async function speechImageModel({ config }: Project, { speechModel, packaged }: ImageDeps): Promise<ImageModel> {
  return speechModelOf(await speechModel(config.speech?.model ?? defaultSpeechModel), packaged.licences);
}

async function refuseSecretsIn(plan: ImagePlan, { config, dir }: Project, { reporter }: ImageDeps): Promise<void> {
  const looked = new Set(config.image?.notSecret ?? []);
  await inStep(
    reporter,
    'Looking for secrets',
    async () => {
      const { files, findings } = await scanPlan(plan);
      const shown = findings.map((finding) => ({ ...finding, file: fromProject(finding.file, dir) }));
      refuseSecrets(shown.filter(({ file }) => !looked.has(file)));
      return files;
    },
    (files) => `No secrets in ${files} files`,
  );
}

/** As a person in the project's folder would type it. */
function fromProject(file: string, dir: string): string {
  const path = relative(dir, file);
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

function refuseMusl(base: string): void {
  if (!/[:-]alpine/.test(base) && !/(^|\/)alpine(:|$)/.test(base)) return;
  throw new UsageError(`The base image ${base} cannot run ONNX Runtime`, {
    code: 'BASE_UNSUPPORTED',
    why: 'Alpine has another C library (musl) than ONNX Runtime is built for (glibc).',
    actions: [`Leave --base out for ${defaultBase}, or choose another image of Debian or Ubuntu with Node.js`],
  });
}
