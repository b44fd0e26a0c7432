import { dirname, join, parse } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../base/errors/mlops-error.js';
import { readWholeFile } from './read-file.js';

const label = z.union([z.string(), z.number()]);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256, 64 lower-case hex digits');

/** A model is named in URLs and metric labels. */
export const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'expected 1 to 100 letters, digits, dots, dashes and underscores');

const tensor = z.looseObject({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) });

/** Part of URLs, as the name is. */
const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, 'expected a version such as 1 or 2026-01-31');

/** What a person writes about a model, and its training script about the training. Further keys are kept. */
export const cardFacts = z.looseObject({
  version: version.optional(),
  description: z.string().optional(),
  featureNames: z.array(z.string()).optional(),
  intendedUse: z.string().optional(),
  limitations: z.array(z.string()).optional(),
  training: z
    .looseObject({
      library: z.string(),
      libraryVersion: z.string(),
      data: z.looseObject({
        source: z.string(),
        licence: z.string(),
        rows: z.int(),
        files: z.array(z.looseObject({ name: z.string(), sha256 })),
      }),
      split: z.unknown(),
      metrics: z.record(z.string(), z.number()),
    })
    .optional(),
});
export type CardFacts = z.infer<typeof cardFacts>;

/** The card that lies beside a model file: `model.onnx` has `model.json`. */
export const modelCard = cardFacts.extend({
  name: modelName,
  version,
  sha256,
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  classes: z.array(label).optional(),
});
export type ModelCard = z.infer<typeof modelCard>;

/** `/models/a.onnx` -> `/models/a.json`. */
export function cardPath(modelPath: string): string {
  return join(dirname(modelPath), `${parse(modelPath).name}.json`);
}

/** Reads a JSON file that has to fit a schema. Throws UsageError (`CARD_INVALID`) that lists every problem. */
export async function readCardFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = (await readWholeFile(path, 'model card', 16 * 2 ** 20)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalidCard(path, `It is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw invalidCard(path, result.error.issues.map((i) => `${i.path.join('.') || 'the card'}: ${i.message}`).join('\n'));
}

/** The card beside a model, or undefined when there is none. Throws UsageError when it is the card of another file. */
export async function readCardOf(modelPath: string, digest: string): Promise<ModelCard | undefined> {
  const path = cardPath(modelPath);
  let card: ModelCard;
  try {
    card = await readCardFile(path, modelCard);
  } catch (error) {
    if (error instanceof UsageError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
  if (card.sha256 === digest) return card;
  throw new UsageError(`The model card ${path} is not the card of ${modelPath}`, {
    code: 'CARD_DIGEST_MISMATCH',
    why: `The file's SHA-256 is ${digest}, the card's is ${card.sha256}: one of the two was changed or exchanged.`,
    actions: [
      'Restore the two files that belong together',
      `Or import the model again: mlops model import PICKLE --output ${modelPath} --force`,
    ],
  });
}

function invalidCard(path: string, why: string): UsageError {
  return new UsageError(`${path} is not a valid model card`, {
    code: 'CARD_INVALID',
    why,
    actions: ['Correct it, or rename the file when it is not meant as the card of the model beside it'],
  });
}
