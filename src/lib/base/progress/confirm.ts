/** Asks a person before something that cannot be taken back. Implemented in `cli/`. */
export interface Confirm {
  /** Throws UsageError `CONFIRMATION_REQUIRED` when nobody can be asked: call it before long work, not after it. */
  requireAnswerable(): void;
  /** A yes-or-no question; no is the default. */
  yes(question: string): Promise<boolean>;
  /** True when the person types exactly `expected`. */
  typed(question: string, expected: string): Promise<boolean>;
}
