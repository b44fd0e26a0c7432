import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageModel } from '../../../src/lib/image/context/image-model.js';
import type { lambdaPlan } from '../../../src/lib/image/context/lambda-plan.js';
import { servingPlan } from '../../../src/lib/image/context/serving-plan.js';
import { packagedFiles } from '../../../src/lib/image/create-deps.js';
import { platformOf } from '../../../src/lib/image/platform.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { tempDir } from '../temp-dir.js';

/** The files of an image for this machine, in a folder without anything else of this package above it: its /app. */
export async function unpackImage(
  model: ImageModel,
  yaml = 'name: unpacked',
  planOf: typeof servingPlan | typeof lambdaPlan = servingPlan,
): Promise<string> {
  const root = await tempDir();
  const plan = await planOf({
    config: parseProject(yaml),
    model,
    platform: platformOf(`linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`),
    base: 'none',
    facts: { mlopsVersion: '0.0.0', revision: undefined },
    packaged: packagedFiles,
    configSource: 'mlops.yaml',
  });
  for (const { path, from } of plan.layers.flatMap((layer) => layer.files)) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    if ('file' in from) await copyFile(from.file, target);
    else await writeFile(target, from.text);
  }
  return join(root, 'app');
}
