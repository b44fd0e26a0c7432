import { createHash } from 'node:crypto';
import { type ResolvedModel, resolveServing } from '../../project/resolved.js';
import type { ProjectConfig } from '../../project/schema.js';

/** The configuration that an image has, and its SHA-256: an image whose label says another one was made of something else. */
export function servingConfiguration(config: ProjectConfig, model: ResolvedModel): { text: string; digest: string } {
  const text = `${JSON.stringify(resolveServing(config, model), null, 2)}\n`;
  return { text, digest: createHash('sha256').update(text).digest('hex') };
}
