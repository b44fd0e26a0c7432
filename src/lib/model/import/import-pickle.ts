import { createHash } from 'node:crypto';
import { parse } from 'node:path';
import { UsageError } from '../../base/errors/mlops-error.js';
import { type CardFacts, cardFacts, cardPath, type ModelCard, modelCard, readCardFile } from '../card.js';
import { defaultPickleLimits } from '../pickle/limits.js';
import { readPickle } from '../pickle/read-pickle.js';
import { readWholeFile } from '../read-file.js';
import { refuseToOverwrite, writeFilesAtomically } from '../write-files.js';
import type { LinearClassifier } from './linear-classifier.js';
import { readLogisticRegression } from './logistic-regression.js';
import { graphSignature, toOnnx } from './to-onnx.js';

export interface ImportPickleRequest {
  /** Absolute paths. */
  readonly pickle: string;
  readonly output: string;
  /** JSON file with what the card should say beyond what the pickle knows. */
  readonly facts?: string;
  /** Default: the output's name without its extension. */
  readonly name?: string;
  /** Replace existing files. */
  readonly force?: boolean;
}

/** What was found and written; the `--json` document of `mlops model import`. */
export interface ImportResult {
  readonly name: string;
  readonly version: string;
  readonly source: LinearClassifier['source'];
  readonly features: number;
  readonly featureNames: readonly string[] | null;
  readonly classes: readonly (number | string)[];
  readonly output: string;
  readonly card: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly warnings: readonly string[];
}

/**
 * Turns a pickle into an ONNX file with its card beside it, without running anything of the pickle.
 * Throws UsageError when the pickle is refused or holds no LogisticRegression, when the name, the facts or the output
 * do not fit, or when the output exists; OperationError when it cannot be written.
 */
export async function importPickle(request: ImportPickleRequest): Promise<ImportResult> {
  const output = request.output;
  const card = cardPath(output);
  const name = modelNameFor(request);
  if (request.force !== true) await refuseToOverwrite([output, card]);
  const facts = request.facts === undefined ? {} : await readCardFile(request.facts, cardFacts);
  const bytes = await readWholeFile(request.pickle, 'pickle', defaultPickleLimits.bytes);
  const classifier = withFeatureNames(readLogisticRegression(readPickle(bytes)), facts);
  const onnx = toOnnx(classifier);
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  const content = cardOf({ classifier, facts, name, sha256 });
  await writeFilesAtomically([
    { path: output, content: onnx },
    { path: card, content: `${JSON.stringify(content, null, 2)}\n` },
  ]);
  return {
    name,
    version: content.version,
    source: classifier.source,
    features: classifier.features,
    featureNames: classifier.featureNames ?? null,
    classes: labels(classifier),
    output,
    card,
    sha256,
    sizeBytes: onnx.length,
    warnings: classifier.warnings,
  };
}

function modelNameFor({ name, output }: ImportPickleRequest): string {
  const { ext, name: fileName } = parse(output);
  if (ext !== '.onnx') {
    throw new UsageError(`The output ${output} does not end in .onnx`, {
      code: 'OUTPUT_NAME',
      why: 'The model card is written beside it, under the same name with .json.',
    });
  }
  const result = modelCard.shape.name.safeParse(name ?? fileName);
  if (result.success) return result.data;
  throw new UsageError(`'${name ?? fileName}' is not a valid model name`, {
    code: 'MODEL_NAME',
    why: result.error.issues.map((issue) => issue.message).join('\n'),
    actions: ['Give another one with --name'],
  });
}

/** A model that was not fitted on a data frame knows no names: then the facts may name them. */
function withFeatureNames(classifier: LinearClassifier, { featureNames }: CardFacts): LinearClassifier {
  if (featureNames === undefined) return classifier;
  const known = classifier.featureNames;
  const differ = known?.some((name, index) => name !== featureNames[index]) ?? false;
  if (featureNames.length === classifier.features && !differ) return { ...classifier, featureNames };
  throw new UsageError('The feature names of the card do not fit the model', {
    code: 'FEATURE_NAMES_MISMATCH',
    why: differ
      ? 'The model was fitted on other names, or in another order.'
      : `The card names ${featureNames.length}, the model has ${classifier.features}.`,
  });
}

function cardOf(parts: { classifier: LinearClassifier; facts: CardFacts; name: string; sha256: string }): ModelCard {
  const { classifier, facts, name, sha256 } = parts;
  const { version = '1', description, featureNames: _names, ...others } = facts;
  const { inputs, outputs } = graphSignature(classifier);
  return {
    name,
    version,
    ...(description === undefined ? {} : { description }),
    sha256,
    inputs: [...inputs],
    outputs: [...outputs],
    ...(classifier.featureNames === undefined ? {} : { featureNames: [...classifier.featureNames] }),
    classes: labels(classifier),
    source: { ...classifier.source, link: classifier.link },
    ...others,
  };
}

function labels({ classes }: LinearClassifier): (number | string)[] {
  return classes.type === 'string' ? [...classes.values] : classes.values.map(Number);
}
