import { readFile } from 'node:fs/promises';
import { describeError } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { defaultSlos, defaultSpeechSlos } from '../slo/defaults.js';
import type { Slo } from '../slo/types.js';
import type { ProjectConfig } from './schema.js';

export const resolvedFileName = 'mlops.resolved.json';

/** A change that an image of an older mlops could not read gets the next number. */
const currentFormat = 1;

/** The model of an image that predicts: what its file must be, and what it takes and gives for whoever looks without ONNX. */
export interface ResolvedPredictor {
  readonly kind?: undefined;
  readonly name: string;
  readonly version: string;
  /** Path from the folder of this file, with slashes. */
  readonly file: string;
  /** SHA-256, 64 hex digits. */
  readonly digest: string;
  readonly signature: unknown;
}

/** The model of an image that transcribes. */
export interface ResolvedSpeechModel {
  readonly kind: 'speech';
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the digests of its files, 64 hex digits. */
  readonly digest: string;
  /** BCP 47. */
  readonly language: string;
  readonly license: string;
  /** Paths from the folder of this file, with slashes. */
  readonly files: { readonly encoder: string; readonly decoder: string; readonly vad: string };
}

export type ResolvedModel = ResolvedPredictor | ResolvedSpeechModel;

/**
 * What an image needs of mlops.yaml, with every default written out and units resolved to milliseconds, bytes and ratios.
 * It is a list of keys that go in, not of those that stay out: accounts, infrastructure and what a later version adds are
 * no business of the image. A secret is in it as its reference only, which the container resolves when it starts.
 */
export interface ResolvedServing {
  readonly format: typeof currentFormat;
  readonly name: string;
  readonly model: ResolvedModel;
  readonly serve: ProjectConfig['serve'];
  readonly slos: readonly Slo[];
}

export function resolveServing(config: ProjectConfig, model: ResolvedModel): ResolvedServing {
  const { name, serve } = config;
  const slos = config.slos ?? (model.kind === 'speech' ? defaultSpeechSlos : defaultSlos);
  return { format: currentFormat, name, model, serve, slos };
}

/** Reads what `resolveServing` made. Throws UsageError `RESOLVED_UNREADABLE`. */
export async function readResolvedServing(path: string): Promise<ResolvedServing> {
  let found: { format?: unknown };
  try {
    found = JSON.parse(await readFile(path, 'utf8')) as typeof found;
  } catch (error) {
    throw unreadable(path, describeError(error), error);
  }
  if (found.format === currentFormat) return found as ResolvedServing;
  throw unreadable(path, `Its format is ${JSON.stringify(found.format)}, this version reads ${currentFormat}.`);
}

/** The model of an image that predicts. Throws UsageError `RESOLVED_UNREADABLE` for another kind. */
export function resolvedPredictor(path: string, { model }: ResolvedServing): ResolvedPredictor {
  if (model.kind !== 'speech') return model;
  throw unreadable(path, `${model.name} is a speech model, and this program is for models that predict.`);
}

/** The model of an image that transcribes. Throws UsageError `RESOLVED_UNREADABLE` for another kind. */
export function resolvedSpeechModel(path: string, { model }: ResolvedServing): ResolvedSpeechModel {
  if (model.kind === 'speech') return model;
  throw unreadable(path, `${model.name} is no speech model, and this program is for those.`);
}

function unreadable(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`${path} cannot be read`, {
    code: 'RESOLVED_UNREADABLE',
    why,
    actions: ['Build the image again: mlops build'],
    cause,
  });
}
