import { createHash } from 'node:crypto';
import type { Model } from '../../model/types.js';
import { resolveServing } from '../../project/resolved.js';
import type { ProjectConfig } from '../../project/schema.js';

/** The path of the model in an image, from /app. */
export const modelFile = ({ name }: Model) => `model/${name}.onnx`;

/** The configuration that an image has, and its SHA-256: an image whose label says another one was made of something else. */
export function servingConfiguration(config: ProjectConfig, model: Model): { text: string; digest: string } {
  const { name, version, digest, signature } = model;
  const resolved = resolveServing(config, { name, version, file: modelFile(model), digest, signature });
  const text = `${JSON.stringify(resolved, null, 2)}\n`;
  return { text, digest: createHash('sha256').update(text).digest('hex') };
}
