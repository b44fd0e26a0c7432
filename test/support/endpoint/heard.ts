import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { recordingsFolder } from '../requirements.js';
import { tempDir } from '../temp-dir.js';

/** A reading of seven seconds, and what is said in it. */
export const reading = join(recordingsFolder, 'librivox', 'sense_and_sensibility_01_austen_64kb-0870.wav');
const said =
  'and mr john dashwood had then leisure to consider how much there might be prudently in his power to do for them';

/** Without what is written and not heard. */
export function words(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/\bmister\b/g, 'mr')
    .split(/[^a-z']+/)
    .filter((word) => word !== '');
}

/** How many words of the reading are not in a text, at their place in it. */
export function missedWords(text: string): number {
  const heard = words(text);
  return words(said).filter((word, index) => heard[index] !== word).length;
}

/** The reading again and again, as a WAV file of about so many seconds. */
export function longReading(seconds: number): Buffer {
  const wav = readFileSync(reading);
  const headerBytes = 44;
  const samples = wav.subarray(headerBytes);
  const bytesPerSecond = 32_000;
  const times = Math.max(1, Math.round((seconds * bytesPerSecond) / samples.length));
  const header = Buffer.from(wav.subarray(0, headerBytes));
  header.writeUInt32LE(36 + samples.length * times, 4);
  header.writeUInt32LE(samples.length * times, 40);
  return Buffer.concat([header, ...Array.from({ length: times }, () => samples)]);
}

const encoders: Readonly<Record<string, readonly string[]>> = {
  ogg: ['-c:a', 'libvorbis'],
  opus: ['-c:a', 'libopus'],
  webm: ['-c:a', 'libopus'],
};

/** The reading in the format that the name ends with, by ffmpeg. */
export async function converted(name: string): Promise<Buffer> {
  const file = join(await tempDir(), name);
  const encoder = encoders[name.split('.').at(-1) ?? ''] ?? [];
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', reading, ...encoder, file]);
  return await readFile(file);
}
