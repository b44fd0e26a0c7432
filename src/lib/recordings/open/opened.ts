/** A recording whose identity is known, and which can be had as a file. */
export interface OpenedRecording {
  /** 32 hex digits. */
  readonly id: string;
  readonly uploadedAt: Date;
  /** Absolute path of the whole recording on this machine; the first call fetches it. */
  file(): Promise<string>;
  /** Throws OperationError `SOURCE_CHANGED` when it is not the recording any more that `id` names. */
  verify(): Promise<void>;
  /** Removes what was fetched. */
  dispose(): Promise<void>;
}
