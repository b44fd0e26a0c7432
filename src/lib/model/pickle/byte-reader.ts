import { invalidPickle } from './errors.js';

/** Python refuses longer decimal integers too (sys.int_info.default_max_str_digits). */
const maxDecimalDigits = 4300;
const newline = 0x0a;

/** Reads a pickle's arguments. Every read is checked against what is left, before anything is allocated for it. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A 64-bit length. Beyond 2^53 it is longer than any file, so its rounding does not matter. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  utf8(length: number): string {
    const start = this.#offset;
    try {
      return this.#utf8.decode(this.bytes(length));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw invalidPickle('A string is not UTF-8', start);
    }
  }

  /** Two's complement, little-endian, of any length (LONG1, LONG4). */
  signedInteger(length: number): bigint {
    const bytes = this.bytes(length);
    if (length === 0) return 0n;
    const hex = Buffer.from(bytes).reverse().toString('hex');
    return BigInt.asIntN(8 * length, BigInt(`0x${hex}`));
  }

  /** Up to the next newline, without it, as Latin-1. */
  line(): string {
    const end = this.#bytes.indexOf(newline, this.#offset);
    if (end < 0) throw invalidPickle('It ends inside a line of text', this.#bytes.length);
    // TextDecoder's 'latin1' is Windows-1252; Buffer's is ISO 8859-1.
    const text = Buffer.from(this.#bytes.subarray(this.#offset, end)).toString('latin1');
    this.#offset = end + 1;
    return text;
  }

  decimalLine(): bigint {
    const start = this.#offset;
    const text = this.line();
    if (text.length > maxDecimalDigits) {
      throw invalidPickle(`A decimal integer has more than ${maxDecimalDigits} digits, the limit of Python too`, start);
    }
    if (!/^[+-]?\d+L?$/.test(text)) throw invalidPickle('A line should be a decimal integer', start);
    return BigInt(text.replace(/^\+|L$/g, ''));
  }

  #advance(length: number): number {
    if (length > this.remaining) {
      throw invalidPickle(`It ends too early: ${length} more bytes announced, ${this.remaining} left`, this.#offset);
    }
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}
