import { appendFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError, hasCode } from '../../base/errors/describe.js';
import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import { removeLeftovers, temporaryName } from '../../platform/files/leftovers.js';
import { isThere } from '../../platform/files/look.js';
import { Ledger } from './ledger.js';
import { type Found, type PutRequest, type ResultStore, unusableName } from './store.js';

/** Ours, inside the folder of results: the ledger, and files that have no name yet. */
const innerFolder = '.mlops-transcribe';
const partial = 'partial-';
const ledgerFile = 'ledger.jsonl';
/** What the name of one result may do wrong, while the next may be right. */
const nameFaults = ['ENAMETOOLONG', 'ENOTDIR', 'EISDIR', 'EEXIST'];

/**
 * Results in a folder. Each is written beside, on the same disk, and renamed when it is whole.
 * @param label how the user named the folder
 * @throws UsageError `OUTPUT_NOT_WRITABLE`
 */
export async function openFolderStore(folder: string, label: string): Promise<ResultStore> {
  const inner = join(folder, innerFolder);
  let ledger: Ledger;
  try {
    await mkdir(inner, { recursive: true });
    await removeLeftovers(inner, partial);
    ledger = await Ledger.open(join(inner, ledgerFile), 'append');
  } catch (error) {
    throw new UsageError(`Results cannot be written to ${label}`, {
      code: 'OUTPUT_NOT_WRITABLE',
      why: describeError(error),
      cause: error,
    });
  }
  return {
    find: (path) => working(label, () => findResult(folder, path, ledger)),
    put: ({ path, body, stamp, over }: PutRequest) =>
      working(label, async () => {
        // Somebody may have put something there while the recording was under work.
        if (
          over !== 'anything' &&
          over.kind === 'absent' &&
          (await findResult(folder, path, ledger)).kind === 'foreign'
        )
          return false;
        const target = join(folder, path);
        await mkdir(dirname(target), { recursive: true });
        const temporary = join(inner, temporaryName(partial));
        try {
          await writeDurably(temporary, body);
          await ledger.add(path, 'storing', stamp);
          await rename(temporary, target);
        } finally {
          await rm(temporary, { force: true });
        }
        await ledger.add(path, 'stored', stamp);
        return true;
      }),
    logFailure: (failure) =>
      working(label, () => appendFile(join(folder, 'errors.jsonl'), `${JSON.stringify(failure)}\n`)),
    locate: (path) => join(label, path),
    close: () => ledger.close(),
  };
}

/** Looks at a folder of results, which may not be there yet, and changes nothing in it. */
export async function lookIntoFolder(
  folder: string,
  label: string,
): Promise<Pick<ResultStore, 'find' | 'locate' | 'close'>> {
  const ledger = await working(label, async () => {
    try {
      return await Ledger.open(join(folder, innerFolder, ledgerFile), 'read');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  });
  return {
    find: (path) => working(label, () => findResult(folder, path, ledger)),
    locate: (path) => join(label, path),
    close: async () => ledger?.close(),
  };
}

async function findResult(folder: string, path: string, ledger: Ledger | undefined): Promise<Found> {
  const entry = await ledger?.find(path);
  if (!(await isThere(join(folder, path)))) return { kind: 'absent' };
  if (entry === undefined) return { kind: 'foreign' };
  // One that was being stored when its run was killed may be whole, or the one before: it is made again.
  return { kind: 'result', stamp: entry.state === 'stored' ? entry : { ...entry, id: '' } };
}

/** Without the sync a file may be empty after the loss of power although its name is there. */
async function writeDurably(path: string, body: string): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function working<T>(label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (nameFaults.some((code) => hasCode(error, code))) throw unusableName(label, describeError(error));
    throw new OperationError(`A result could not be stored in ${label}`, {
      code: 'OUTPUT_FAILED',
      why: describeError(error),
      actions: ['Run the command again when it can be written: it goes on where it stopped'],
      cause: error,
    });
  }
}
