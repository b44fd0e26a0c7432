import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SpeechModel } from '../../../src/lib/model/speech-model.js';
import { speechRateHz } from '../../../src/lib/speech/types.js';
import { int16, wavBytes } from '../speech-audio/wav-bytes.js';

export interface LongRun {
  readonly text: string;
  readonly durationS: number;
  readonly segments: number;
  readonly warnings: readonly unknown[];
  /** Most bytes in each minute of the recording. */
  readonly rss: readonly number[];
}

/** A WAV file of the same samples over and over, cut at `seconds`. */
export async function repeatedWav(path: string, samples: Float32Array, seconds: number): Promise<void> {
  const bytes = seconds * speechRateHz * 2;
  const block = int16(samples);
  const file = await open(path, 'w');
  try {
    await file.write(wavBytes(new Uint8Array(0), { rate: speechRateHz, dataSize: bytes, riffSize: bytes + 36 }));
    for (let left = bytes; left > 0; left -= block.length)
      await file.write(block.subarray(0, Math.min(left, block.length)));
  } finally {
    await file.close();
  }
}

/** Transcribes in a process of its own. */
export async function transcribeLong(model: SpeechModel, path: string): Promise<LongRun> {
  const script = join(import.meta.dirname, 'transcribe-long.js');
  const args = [script, JSON.stringify({ model, path })];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}
