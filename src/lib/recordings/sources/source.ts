/** A recording that was found, before anything is known of its content. */
export type RecordingSource = LocalSource | ObjectSource;

export interface LocalSource {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
  /** As it is called in records and messages: as the user named it, or its folder. */
  readonly label: string;
  readonly bytes: number;
}

export interface ObjectSource {
  readonly kind: 'object';
  readonly bucket: string;
  readonly key: string;
  /** `s3://bucket/key` */
  readonly label: string;
  readonly bytes: number;
}

/** A recording and what its result is called: a relative path with slashes, without the format's ending. */
export interface Item {
  readonly source: RecordingSource;
  readonly name: string;
}

/** Something that was looked at and is not transcribed. */
export interface Skipped {
  readonly source: string;
  readonly reason: string;
}

/** What tells a source from all others, whatever it holds. */
export function sourceIdentity(source: RecordingSource): string {
  return source.kind === 'file' ? source.path : source.label;
}
