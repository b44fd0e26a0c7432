import { inspect } from 'node:util';

/** What stands in every log, error and document where a secret would. */
export const redacted = '[redacted]';

/**
 * A resolved secret that cannot be printed by accident: string conversion, JSON and `util.inspect` all give
 * `[redacted]`. Only `reveal()` gives the value, at the place that needs it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
