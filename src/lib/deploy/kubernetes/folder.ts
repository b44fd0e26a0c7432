import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter } from '../../base/progress/reporter.js';
import { copyTemplatesOnce } from '../../platform/files/template-folder.js';

/** `templates/kubernetes` of this package, seen from src/ and from dist/ alike. */
export const packagedManifests = fileURLToPath(new URL('../../../../templates/kubernetes', import.meta.url));

export const manifestsLabel = 'deploy/kubernetes';

/** The user's manifests; copied from the templates when there are none. Returns the absolute path of the folder. */
export async function prepareManifests(projectDir: string, templates: string, reporter: Reporter): Promise<string> {
  const dir = join(projectDir, manifestsLabel);
  const folder = { source: templates, dir, label: manifestsLabel, what: 'Kubernetes manifests', isThere: hasManifests };
  await copyTemplatesOnce(folder, reporter);
  return dir;
}

async function hasManifests(dir: string): Promise<boolean> {
  return await access(join(dir, 'overlay', 'kustomization.yaml')).then(
    () => true,
    () => false,
  );
}
