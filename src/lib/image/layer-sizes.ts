import type { HistoryEntry, ImageDetails } from '../platform/docker/types.js';

export interface ImageLayerSize {
  /** `base`, or the layer's archive in the build context. */
  readonly name: string;
  /** Uncompressed. */
  readonly bytes: number;
}

/**
 * The sizes that Docker counts, by the names of our layers: one `ADD ... /` of the history each, the last one newest.
 * The base is what remains. Where a builder keeps no such history, the sizes of the files stand in.
 */
export function layerSizes(
  details: Pick<ImageDetails, 'sizeBytes'>,
  history: readonly HistoryEntry[],
  ours: readonly { readonly name: string; readonly bytes: number }[],
): ImageLayerSize[] {
  // BuildKit writes `ADD model.tar / # buildkit`, the legacy builder `/bin/sh -c #(nop) ADD file:1a2b in / `.
  const archives = history.filter(({ createdBy }) => /\bADD \S+ (in )?\/( |$)/.test(createdBy));
  const newest = archives.slice(0, ours.length).reverse();
  const layers = ours.map(({ name, bytes }, index) => ({ name, bytes: newest[index]?.sizeBytes ?? bytes }));
  const added = layers.reduce((sum, { bytes }) => sum + bytes, 0);
  return [{ name: 'base', bytes: Math.max(0, details.sizeBytes - added) }, ...layers];
}
