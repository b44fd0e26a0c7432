import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { makeFolders } from './make-folders.js';
import { renderPage } from './report/page.js';
import type { LoadTestResult } from './result.js';
import { writeReport } from './write-report.js';

/** Files that are asked for beside the result; absolute paths. */
export interface ReportFiles {
  readonly json: string | undefined;
  readonly html: string | undefined;
}

export function reportFiles(
  baseDir: string,
  files: { output?: string | undefined; html?: string | undefined },
): ReportFiles {
  return {
    json: files.output === undefined ? undefined : resolve(baseDir, files.output),
    html: files.html === undefined ? undefined : resolve(baseDir, files.html),
  };
}

/** Makes the folders and looks whether they can be written, before 45 seconds are spent. Throws UsageError `REPORT_PATH`. */
export async function prepareReports(files: ReportFiles): Promise<void> {
  for (const path of [files.json, files.html]) {
    if (path === undefined) continue;
    const why = await reasonAgainst(path);
    if (why !== undefined) throw new UsageError(`${path} cannot be a report`, { code: 'REPORT_PATH', why });
  }
}

/** Throws OperationError `REPORT_NOT_WRITTEN`. */
export async function writeReports(result: LoadTestResult, files: ReportFiles): Promise<void> {
  if (files.json !== undefined) await writeReport(files.json, `${JSON.stringify(result, null, 2)}\n`);
  if (files.html !== undefined) await writeReport(files.html, renderPage(result));
}

async function reasonAgainst(path: string): Promise<string | undefined> {
  try {
    await makeFolders(dirname(path));
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    return describeError(error);
  }
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? 'It is a folder.' : undefined;
}
