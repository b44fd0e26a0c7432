import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity, thisProcess } from '../process/identity.js';

/**
 * A name for something temporary that says which process it belongs to, so that a later one can tell what was left behind.
 * Its length is the same whatever it is for.
 */
export function temporaryName(prefix: string, owner: ProcessIdentity = thisProcess()): string {
  return `${prefix}${hostMark(owner.host)}-${owner.pid}-${randomUUID().slice(0, 8)}`;
}

/**
 * Removes what processes of this machine left behind in `folder` when they were killed, under names of `temporaryName`.
 * Those of other machines, which may share the folder, are theirs. Call it before this process makes any.
 */
export async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  const { host, pid: ours } = thisProcess();
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const [mark, pid] = name.slice(prefix.length).split('-');
    if (mark !== hostMark(host) || !/^\d+$/.test(pid ?? '')) continue;
    // The same number is of a process before this one: containers begin with 1 every time.
    if (Number(pid) !== ours && isAlive(Number(pid))) continue;
    // In a folder that users share, those of others are theirs to remove.
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
  }
}

function hostMark(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 8);
}
