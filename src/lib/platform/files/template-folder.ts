import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { hasCode } from '../../base/errors/describe.js';
import type { Reporter } from '../../base/progress/reporter.js';

const recordName = '.mlops-templates.json';

export interface TemplateFolder {
  /** The folder of the templates. */
  readonly source: string;
  /** The user's folder, absolute, and as the user would type it. */
  readonly dir: string;
  readonly label: string;
  /** What the files are called in a sentence, such as `Terraform files`. */
  readonly what: string;
  /** Files of `source`, by relative path with slashes, that are no templates. */
  readonly leftOut?: RegExp;
  /** More files for the copy: target name -> source path. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Whether the user's folder already holds files of this kind: then nothing is copied. */
  readonly isThere: (dir: string) => Promise<boolean>;
}

/**
 * Copies plain template files once; they are the user's from then on and never written again. Says when the templates have
 * changed since the copy was made. Returns whether it was made now.
 */
export async function copyTemplatesOnce(folder: TemplateFolder, reporter: Reporter): Promise<{ created: boolean }> {
  if (await folder.isThere(folder.dir)) {
    await noteChangedTemplates(folder, reporter);
    return { created: false };
  }
  const { source, dir, leftOut } = folder;
  // Copied beside and renamed: a folder that is half a copy would be taken for the user's.
  const temporary = join(dirname(dir), `.${basename(dir)}-${randomUUID().slice(0, 8)}`);
  await mkdir(dirname(dir), { recursive: true });
  try {
    await cp(source, temporary, { recursive: true, filter: (path) => !leftOut?.test(relative(source, path)) });
    for (const [name, path] of Object.entries(folder.extra ?? {})) await cp(path, join(temporary, name));
    const record = {
      '//': 'Written by mlops: which templates this folder was copied from.',
      files: await digests(folder),
    };
    await writeFile(join(temporary, recordName), `${JSON.stringify(record, null, 2)}\n`);
    await putInPlace(temporary, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  reporter.note(`${folder.what} were copied to ${folder.label}: they are yours from now on, change what you like`);
  return { created: true };
}

/** A folder without such files may hold other things (a former state, the user's notes): they stay. */
async function putInPlace(temporary: string, dir: string): Promise<void> {
  try {
    await rename(temporary, dir);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    await cp(temporary, dir, { recursive: true, force: false });
  }
}

async function noteChangedTemplates(folder: TemplateFolder, reporter: Reporter): Promise<void> {
  const { source, dir, label } = folder;
  let record: { files?: Record<string, string> };
  try {
    record = JSON.parse(await readFile(join(dir, recordName), 'utf8')) as typeof record;
  } catch {
    // Without a record the folder is not a copy of ours.
    return;
  }
  const now = await digests(folder);
  const names = [...new Set([...Object.keys(now), ...Object.keys(record.files ?? {})])];
  const changed = names.filter((name) => now[name] !== record.files?.[name]).sort();
  if (changed.length === 0) return;
  reporter.note(
    `The templates of this version differ from those ${label} was copied from (${changed.join(', ')}). ` +
      `Yours were not touched; compare with: diff -r ${source} ${label}`,
  );
}

async function digests({ source, leftOut }: TemplateFolder): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const name = relative(source, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (leftOut?.test(name)) continue;
    const content = await readFile(join(source, name));
    result[name] = createHash('sha256').update(content).digest('hex');
  }
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => a.localeCompare(b)));
}
