/** A file of an image. */
export interface PlannedFile {
  /** Where it is in the image: absolute, with slashes. */
  readonly path: string;
  readonly from: { readonly file: string } | { readonly text: string; readonly madeOf: string };
}

/** Files that share a layer: `<name>.tar` of the build context. */
export interface PlannedLayer {
  readonly name: string;
  readonly files: readonly PlannedFile[];
}

/**
 * Everything that goes into an image on top of its base: plain data, the same for every kind of image. What differs
 * between kinds (the entry, the CMD) is in the files of a layer and in the Dockerfile.
 */
export interface ImagePlan {
  /** Path of the Dockerfile, a native file with an `ADD <layer>.tar /` for each layer in this order. */
  readonly dockerfile: string;
  /** What changes least first. */
  readonly layers: readonly PlannedLayer[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The file on this machine that a person would change: the source of a copy, or what a text is made of. */
export function sourceOf({ from }: PlannedFile): string {
  return 'file' in from ? from.file : from.madeOf;
}
