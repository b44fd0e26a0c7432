import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { speechRateHz } from '../../../src/lib/speech/types.js';
import { seeded } from '../random.js';
import { hear } from '../speech-audio/sound.js';
import { int16, wavBytes } from '../speech-audio/wav-bytes.js';

/** A recording as samples at 16 kHz. */
export async function samplesOf(path: string): Promise<Float32Array> {
  return (await hear(path)).sound;
}

/** In linear time, also for an hour. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function silence(seconds: number): Float32Array {
  return new Float32Array(seconds * speechRateHz);
}

/** A WAV file of 16 bits; one array per channel. What is louder than full scale is cut off, as a recorder does. */
export async function wavFile(dir: string, name: string, ...channels: readonly Float32Array[]): Promise<string> {
  const path = join(dir, name);
  const cut = channels.map((channel) => channel.map((sample) => Math.max(-1, Math.min(1, sample))));
  await writeFile(path, wavBytes(int16(...cut), { rate: speechRateHz, channels: channels.length }));
  return path;
}

export type Noise = 'white' | 'pink' | 'brown';

/** Noise of a mean square of 1. Pink: a sum of random numbers that change every 1, 2, 4, .. samples (Voss). */
export function noise(kind: Noise, length: number, seed: number): Float32Array {
  const random = seeded(seed);
  const draw = () => random() - 0.5;
  const rows = Array.from({ length: 14 }, draw);
  let brown = 0;
  const samples = Float32Array.from({ length }, (_, at) => {
    if (kind === 'white') return draw();
    brown = 0.995 * brown + draw();
    if (kind === 'brown') return brown;
    rows[Math.min(13, 31 - Math.clz32((at + 1) & -(at + 1)))] = draw();
    return rows.reduce((sum, row) => sum + row, draw());
  });
  return scaled(samples, 1 / Math.sqrt(power(samples)));
}

/** Sines with their harmonics, struck again twice a second and going up a scale: what music has of a voice. */
export function tones(seconds: number): Float32Array {
  const scale = [220, 247, 262, 294, 330, 349, 392, 440];
  return Float32Array.from({ length: seconds * speechRateHz }, (_, at) => {
    const time = at / speechRateHz;
    const pitch = scale[Math.floor(time * 2) % scale.length] as number;
    const fade = Math.exp(-3 * (time % 0.5));
    return 0.2 * fade * [1, 2, 3, 4].reduce((sum, n) => sum + Math.sin(2 * Math.PI * pitch * n * time) / n, 0);
  });
}

/** Mains: 50 Hz and its odd harmonics. */
export function hum(seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * speechRateHz }, (_, at) => {
    const phase = (2 * Math.PI * 50 * at) / speechRateHz;
    return 0.2 * (Math.sin(phase) + 0.5 * Math.sin(3 * phase) + 0.3 * Math.sin(5 * phase));
  });
}

/** Speech with noise that is `db` below it. */
export function withNoise(speech: Float32Array, kind: Noise, db: number, seed: number): Float32Array {
  const gain = Math.sqrt(power(speech) / 10 ** (db / 10));
  const added = noise(kind, speech.length, seed);
  return speech.map((sample, at) => sample + gain * (added[at] as number));
}

export function scaled(samples: Float32Array, gain: number): Float32Array {
  return samples.map((sample) => sample * gain);
}

function power(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
}
