import type { Model } from '../model/types.js';
import type { ProjectConfig } from '../project/schema.js';

/** Labels of ours, by which a deploy and a person know what is in an image. */
export const imageLabels = {
  project: 'dev.mlops.project',
  version: 'dev.mlops.version',
  modelName: 'dev.mlops.model.name',
  modelVersion: 'dev.mlops.model.version',
  modelDigest: 'dev.mlops.model.digest',
  configDigest: 'dev.mlops.config.digest',
  auth: 'dev.mlops.serve.auth',
  drainMs: 'dev.mlops.serve.drain-ms',
  /** Of an image of the functions, in place of `project`: what looks for an image to serve must not find it. */
  functions: 'dev.mlops.functions',
} as const;

/** What the surroundings say of a build. */
export interface ImageFacts {
  /** Of mlops itself. */
  readonly mlopsVersion: string;
  /** The commit that the project's folder is at, when nothing in it was changed since. */
  readonly revision: string | undefined;
}

/**
 * Labels of an image, those with a meaning for everybody by the OCI image specification:
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export function imageLabelsOf(image: {
  readonly project: string;
  readonly model: Pick<Model, 'name' | 'version' | 'digest'>;
  readonly description: string | undefined;
  readonly configDigest: string;
  readonly serve: Pick<ProjectConfig['serve'], 'auth' | 'drain'>;
  readonly base: string;
  readonly facts: ImageFacts;
}): Record<string, string> {
  const { project, model, description, configDigest, serve, base, facts } = image;
  return {
    'org.opencontainers.image.title': project,
    'org.opencontainers.image.description': oneLine(description ?? `The model ${model.name} as an HTTP service`),
    'org.opencontainers.image.version': model.version,
    'org.opencontainers.image.base.name': base,
    ...(facts.revision === undefined ? {} : { 'org.opencontainers.image.revision': facts.revision }),
    [imageLabels.project]: project,
    [imageLabels.version]: facts.mlopsVersion,
    [imageLabels.modelName]: model.name,
    [imageLabels.modelVersion]: model.version,
    [imageLabels.modelDigest]: `sha256:${model.digest}`,
    [imageLabels.configDigest]: `sha256:${configDigest}`,
    [imageLabels.auth]: serve.auth.type,
    [imageLabels.drainMs]: String(serve.drain.delayMs + serve.drain.timeoutMs),
  };
}

/** Tools print a label on one line. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}
