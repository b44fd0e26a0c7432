import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProjectFolder {
  readonly dir: string;
  remove(): Promise<void>;
}

/** A folder with an mlops.yaml, for tests that share it; see `tempDir` for one that ends with its test. */
export async function makeProject(name: string, yaml = ''): Promise<ProjectFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'mlops-project-'));
  await writeFile(join(dir, 'mlops.yaml'), `name: ${name}\n${yaml}`);
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
