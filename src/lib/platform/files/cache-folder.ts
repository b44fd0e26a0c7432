import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where what can be fetched again is kept: `MLOPS_CACHE`, else the platform's place for it (XDG Base Directory
 * Specification; ~/Library/Caches; LOCALAPPDATA). Absolute.
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env.MLOPS_CACHE) return resolve(env.MLOPS_CACHE);
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'mlops');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'mlops', 'Cache');
  // The specification wants relative paths to be ignored.
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(home, '.cache');
  return join(base, 'mlops');
}
