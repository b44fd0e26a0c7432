import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { missingTool } from './required-tool.js';

/**
 * Whether tests that need `name` may run. What is missing is skipped with one line, unless MLOPS_TEST_REQUIRE names it:
 * then it throws. Use it as `describe.skipIf(!requireOrSkip('terraform', found !== undefined))`.
 */
export function requireOrSkip(name: string, available: boolean): boolean {
  if (available) return true;
  process.stderr.write(`${missingTool(name, `${name} is not available on this machine`)}\n`);
  return false;
}

/** Debian's pocketsphinx-testdata: human recordings with transcripts. */
export const recordingsFolder = '/usr/share/pocketsphinx/test/data';

export function hasRecordings(): boolean {
  return requireOrSkip('recordings', existsSync(join(recordingsFolder, 'librivox', 'transcription')));
}

export function hasFfmpeg(): boolean {
  return requireOrSkip('ffmpeg', spawnSync('ffmpeg', ['-version']).status === 0);
}
