/** A speech model on disk: every file verified against the catalog. */
export interface SpeechModel {
  /** Name in the catalog. */
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the digests of its files, 64 hex digits. */
  readonly digest: string;
  /** BCP 47. */
  readonly language: string;
  readonly license: string;
  /** Absolute paths. `vad` is the voice activity detector that cuts its recordings. */
  readonly files: { readonly encoder: string; readonly decoder: string; readonly vad: string };
}
