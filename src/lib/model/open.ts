import { parse, resolve } from 'node:path';
import { UsageError } from '../base/errors/mlops-error.js';
import { type ModelCard, readCardOf } from './card.js';
import { bundledModelName, catalogNames, catalogPath, speechEntryOf } from './catalog.js';
import { tensorSpec } from './onnx/datatypes.js';
import { type OnnxFile, readOnnx } from './onnx/read.js';
import type { Model, ModelSignature } from './types.js';

export interface OpenModelOptions {
  /** Absolute path that relative paths start from. */
  readonly baseDir: string;
}

/** A model with everything that its file and its card say. */
export interface ModelDetails {
  readonly model: Model;
  readonly onnx: OnnxFile;
  readonly card?: ModelCard;
}

/**
 * Finds a model and reads what it takes and gives, without running it.
 * @param reference a name of the catalog or the path of an ONNX file; undefined is the bundled model
 * @throws UsageError `MODEL_NOT_FOUND`, `MODEL_REFERENCE_UNSUPPORTED`, `MODEL_IS_SPEECH`, `NOT_ONNX`, `CARD_INVALID`,
 *   `CARD_DIGEST_MISMATCH` or another of `readWholeFile`
 */
export async function openModel(reference: string | undefined, options: OpenModelOptions): Promise<Model> {
  return (await inspectModel(reference, options)).model;
}

/** As `openModel`, with what the file and the card say beyond it. */
export async function inspectModel(reference: string | undefined, options: OpenModelOptions): Promise<ModelDetails> {
  const path = locate(reference ?? bundledModelName, options.baseDir);
  const onnx = await readOnnx(path).catch((error: unknown) => {
    throw error instanceof UsageError && error.code === 'FILE_NOT_FOUND' ? notFound(reference, path) : error;
  });
  const card = await readCardOf(path, onnx.sha256);
  const model: Model = {
    name: card?.name ?? nameFromFile(path),
    version: card?.version ?? (onnx.modelVersion > 0 ? String(onnx.modelVersion) : '1'),
    path,
    digest: onnx.sha256,
    sizeBytes: onnx.sizeBytes,
    signature: signatureOf(onnx, card),
  };
  return { model, onnx, ...(card === undefined ? {} : { card }) };
}

function locate(reference: string, baseDir: string): string {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(reference)?.[1];
  if (scheme !== undefined) {
    throw new UsageError(`Models cannot be read from ${scheme}:// yet`, {
      code: 'MODEL_REFERENCE_UNSUPPORTED',
      why: `This version reads local files and the names of its catalog (${catalogNames().join(', ')}).`,
      actions: ['Download the model and give the path of the file'],
    });
  }
  if (speechEntryOf(reference) !== undefined) {
    throw new UsageError(`${reference} is a speech model: it takes recordings, not rows`, {
      code: 'MODEL_IS_SPEECH',
      why: 'Its files are fetched when it is first used, and other commands run it.',
      actions: [`mlops serve ${reference}`, `mlops transcribe RECORDING --model ${reference}`],
    });
  }
  return catalogPath(reference) ?? resolve(baseDir, reference);
}

function notFound(reference: string | undefined, path: string): UsageError {
  return new UsageError(`There is no model ${reference ?? bundledModelName}`, {
    code: 'MODEL_NOT_FOUND',
    why: `No file ${path}, and no such name in the catalog (${catalogNames().join(', ')}).`,
    actions: [
      'Give the path of an ONNX file, or a name of the catalog',
      'mlops model import PICKLE --output model.onnx',
    ],
  });
}

function signatureOf(onnx: OnnxFile, card: ModelCard | undefined): ModelSignature {
  const featureNames = card?.featureNames ?? listOf(onnx.metadata.feature_names, isString);
  const classes = card?.classes ?? listOf(onnx.metadata.classes, isLabel);
  const columns = onnx.inputs.length === 1 ? onnx.inputs[0]?.shape?.[1] : undefined;
  if (featureNames !== undefined && columns !== undefined && columns > 0 && featureNames.length !== columns) {
    throw new UsageError('The feature names of the model do not fit its input', {
      code: 'FEATURE_NAMES_MISMATCH',
      why: `The card or the file names ${featureNames.length}, the input has ${columns} columns.`,
    });
  }
  return {
    inputs: onnx.inputs.map(tensorSpec).filter((spec) => spec !== undefined),
    outputs: onnx.outputs.map(tensorSpec).filter((spec) => spec !== undefined),
    ...(featureNames === undefined ? {} : { featureNames }),
    ...(classes === undefined ? {} : { classes }),
  };
}

/** Other producers may use the same metadata keys for other things: what is no such list is no error. */
function listOf<T>(text: string | undefined, isItem: (value: unknown) => value is T): T[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return Array.isArray(value) && value.every(isItem) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isLabel(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** A name is part of URLs: what does not belong there becomes a dash. */
function nameFromFile(path: string): string {
  const name = parse(path).name.replace(/[^A-Za-z0-9._-]+/g, '-');
  return /^[A-Za-z0-9]/.test(name) ? name.slice(0, 100) : `model-${name.replace(/^[-._]+/, '')}`.slice(0, 100);
}
