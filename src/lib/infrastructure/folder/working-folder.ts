import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasCode } from '../../base/errors/describe.js';
import type { Reporter } from '../../base/progress/reporter.js';

export type Cloud = 'aws' | 'gcp';

/** `templates/terraform` of this package, seen from src/ and from dist/ alike. */
export const packagedTemplates = fileURLToPath(new URL('../../../../templates/terraform', import.meta.url));

const recordName = '.mlops-templates.json';
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
  const source = join(options.templates, options.cloud);
  if (await hasTerraformFiles(options.dir)) {
    await noteChangedTemplates(source, options, reporter);
    return { created: false };
  }
  // Copied beside and renamed: a folder that is half a copy would be taken for the user's.
  const temporary = join(dirname(options.dir), `.${options.cloud}-${randomUUID().slice(0, 8)}`);
  await mkdir(dirname(options.dir), { recursive: true });
  try {
    await cp(source, temporary, { recursive: true, filter: (path) => !leftOut.test(relative(source, path)) });
    await cp(join(options.templates, gitignoreSource), join(temporary, '.gitignore'));
    const record = {
      '//': 'Written by mlops: which templates this folder was copied from.',
      files: await digests(source),
    };
    await writeFile(join(temporary, recordName), `${JSON.stringify(record, null, 2)}\n`);
    await putInPlace(temporary, options.dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  reporter.note(`Terraform files were copied to ${options.label}: they are yours from now on, change what you like`);
  return { created: true };
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

/** A folder without Terraform files may hold other things (a former state, the user's notes): they stay. */
async function putInPlace(temporary: string, dir: string): Promise<void> {
  try {
    await rename(temporary, dir);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    await cp(temporary, dir, { recursive: true, force: false });
  }
}

async function noteChangedTemplates(
  source: string,
  options: { dir: string; label: string },
  reporter: Reporter,
): Promise<void> {
  let record: { files?: Record<string, string> };
  try {
    record = JSON.parse(await readFile(join(options.dir, recordName), 'utf8')) as typeof record;
  } catch {
    // Without a record the folder is not a copy of ours.
    return;
  }
  const now = await digests(source);
  const names = [...new Set([...Object.keys(now), ...Object.keys(record.files ?? {})])];
  const changed = names.filter((name) => now[name] !== record.files?.[name]).sort();
  if (changed.length === 0) return;
  reporter.note(
    `The templates of this version differ from those ${options.label} was copied from (${changed.join(', ')}). ` +
      `Yours were not touched; compare with: diff -r ${source} ${options.label}`,
  );
}

async function digests(dir: string): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const name = relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (leftOut.test(name)) continue;
    const content = await readFile(join(dir, name));
    result[name] = createHash('sha256').update(content).digest('hex');
  }
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => a.localeCompare(b)));
}
