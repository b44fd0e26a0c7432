import { join } from 'node:path';
import { type OpenAudioOptions, openAudio } from '../../../src/lib/speech/audio/open.js';

/** A linear sweep at half of full scale: phase 2 pi (from t + (to - from) t^2 / (2 seconds)). */
export function sweep(rate: number, seconds: number, fromHz: number, toHz: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => {
    const t = i / rate;
    return 0.5 * Math.sin(2 * Math.PI * (fromHz * t + ((toHz - fromHz) * t * t) / (2 * seconds)));
  });
}

/** What is in the files of test/fixtures/audio, at 16 kHz. */
export const fixtureSound = sweep(16_000, 0.6, 200, 3000);

export function audioFixture(name: string): string {
  return join(import.meta.dirname, '../../fixtures/audio', name);
}

/** Everything a recording gives, its channels joined. */
export async function hear(path: string, options: OpenAudioOptions = {}) {
  const { blocks, ...stream } = await openAudio(path, options);
  const parts: (readonly Float32Array[])[] = [];
  for await (const block of blocks) parts.push(block);
  const count = parts[0]?.length ?? 0;
  const channels = Array.from({ length: count }, (_, channel) =>
    joined(parts.map((part) => part[channel] as Float32Array)),
  );
  return { ...stream, channels, sound: channels[0] ?? new Float32Array(0) };
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** 1 for the same sound at any volume, about 0 for different ones. Counts what both have. */
export function correlation(a: Float32Array, b: Float32Array): number {
  let products = 0;
  let powerA = 0;
  let powerB = 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    products += x * y;
    powerA += x * x;
    powerB += y * y;
  }
  return products / Math.sqrt(powerA * powerB);
}

/** Power of `wanted` over that of its difference to `got`, in dB, without the edges, where half of the sound is missing. */
export function signalToNoise(wanted: Float32Array, got: Float32Array, edge = 1000): number {
  let signal = 0;
  let noise = 0;
  for (let i = edge; i < wanted.length - edge; i++) {
    signal += (wanted[i] as number) ** 2;
    noise += ((wanted[i] as number) - (got[i] as number)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}
