import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLabels } from './dockerfile.js';
import type { ImagePlan } from './plan.js';
import { type TarredFile, writeTar } from './tar.js';

export interface WrittenLayer {
  readonly name: string;
  readonly bytes: number;
  readonly files: readonly TarredFile[];
}

/**
 * Writes the build context into `dir`: the Dockerfile with the labels, and an archive for each layer. Archives rather than folders, because
 * builders keep the times in an archive: BuildKit gives a copied folder the time of the build, and each build would make
 * other layers, to be pushed and pulled again.
 */
export async function writeContext(plan: ImagePlan, dir: string): Promise<WrittenLayer[]> {
  const dockerfile = await readFile(plan.dockerfile, 'utf8');
  await writeFile(join(dir, 'Dockerfile'), withLabels(dockerfile, plan.labels));
  const written: WrittenLayer[] = [];
  for (const { name, files } of plan.layers) {
    const tarred = await writeTar(join(dir, `${name}.tar`), files);
    written.push({ name, bytes: tarred.reduce((sum, { bytes }) => sum + bytes, 0), files: tarred });
  }
  return written;
}
