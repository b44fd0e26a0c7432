import type { ChannelMode } from '../types.js';
import type { Planar } from './decoded.js';

/** `mix` makes one channel of all, their mean; `split` keeps each. */
export function arrange(block: Planar, mode: ChannelMode): Planar {
  const [first, ...others] = block;
  if (mode === 'split' || first === undefined || others.length === 0) return block;
  const mean = first.slice();
  for (const channel of others) {
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (channel[i] as number);
  }
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) / block.length;
  return [mean];
}

/** A block without its first `count` samples. */
export function dropStart(block: Planar, count: number): Planar {
  return count === 0 ? block : block.map((channel) => channel.subarray(count));
}

/** The first `count` samples of a block. */
export function keepStart(block: Planar, count: number): Planar {
  return count >= lengthOf(block) ? block : block.map((channel) => channel.subarray(0, count));
}

export function lengthOf(block: Planar): number {
  return block[0]?.length ?? 0;
}
