import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasCode } from '../../base/errors/describe.js';
import type { Reporter } from '../../base/progress/reporter.js';
import { copyTemplatesOnce } from '../../platform/files/template-folder.js';

export type Cloud = 'aws' | 'gcp';

/** `templates/terraform` of this package, seen from src/ and from dist/ alike. */
export const packagedTemplates = fileURLToPath(new URL('../../../../templates/terraform', import.meta.url));

/** npm leaves every .gitignore out of a package. */
const gitignoreSource = 'gitignore';
const leftOut = /(^|\/)(\.terraform(\/|$)|[^/]*\.tfstate|[^/]*\.tfplan$)/;

/**
 * Makes sure that `dir` holds Terraform files: it gets a copy of the templates if it has none, and is the user's from then
 * on. Says when the templates have changed since the copy was made. Returns whether it was made now.
 */
export async function prepareWorkingFolder(
  options: { dir: string; label: string; cloud: Cloud; templates: string },
  reporter: Reporter,
): Promise<{ created: boolean }> {
  const { dir, label, cloud, templates } = options;
  const folder = {
    source: join(templates, cloud),
    dir,
    label,
    what: 'Terraform files',
    leftOut,
    extra: { '.gitignore': join(templates, gitignoreSource) },
    isThere: hasTerraformFiles,
  };
  return await copyTemplatesOnce(folder, reporter);
}

/** True when the folder exists and has Terraform files directly in it. */
export async function hasTerraformFiles(dir: string): Promise<boolean> {
  try {
    return (await readdir(dir)).some((name) => /\.tf(\.json)?$/.test(name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
