import type { ProcessRunner } from '../process/runner.js';

/**
 * The commit that a folder is at: 40 hex digits, or undefined outside of a repository, without git, and when a tracked
 * file differs from the commit, because then it does not say what is in the folder.
 */
export async function revisionOf(dir: string, runner: ProcessRunner): Promise<string | undefined> {
  try {
    const head = await runner.run('git', ['-C', dir, 'rev-parse', '--verify', 'HEAD']);
    const revision = head.stdout.trim();
    if (head.exitCode !== 0 || !/^[0-9a-f]{40,64}$/.test(revision)) return undefined;
    const changes = await runner.run('git', ['-C', dir, 'status', '--porcelain', '--untracked-files=no', '--', '.']);
    return changes.exitCode === 0 && changes.stdout === '' ? revision : undefined;
  } catch {
    return undefined;
  }
}
