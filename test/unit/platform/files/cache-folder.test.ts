import { expect, test } from 'vitest';
import { cacheFolder } from '../../../../src/lib/platform/files/cache-folder.js';

test.each([
  [{ MLOPS_CACHE: '/data/cache', XDG_CACHE_HOME: '/x' }, 'linux', '/data/cache'],
  [{ XDG_CACHE_HOME: '/x' }, 'linux', '/x/mlops'],
  [{ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/me/.cache/mlops'],
  [{}, 'linux', '/home/me/.cache/mlops'],
  [{ XDG_CACHE_HOME: '/x' }, 'darwin', '/home/me/Library/Caches/mlops'],
  [{ LOCALAPPDATA: '/local' }, 'win32', '/local/mlops/Cache'],
] as const)('%j on %s: %s', (env, platform, expected) => {
  expect(cacheFolder(env, platform, '/home/me')).toBe(expected);
});
