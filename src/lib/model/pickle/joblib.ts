import { gunzipSync, inflateSync } from 'node:zlib';
import { describeError, hasCode } from '../../base/errors/describe.js';
import { fileFormat, formatNames } from '../file-format.js';
import type { ByteReader } from './byte-reader.js';
import { invalidPickle, overLimit, unsupportedPickle } from './errors.js';
import type { PickleLimits } from './limits.js';
import { arrayWrapper } from './numpy.js';
import { type PickleValue, PyInstance, typeName } from './values.js';

/**
 * What `joblib.dump` adds to the pickle format: compression around it, and the bytes of arrays written into it right
 * behind a NumpyArrayWrapper. Source: joblib/numpy_pickle.py of joblib 1.6.
 */

/** Deflate cannot make more bytes out of one (zlib's "Technical Details": 1032:1). */
const mostExpansion = 1_032;
const leastChunk = 2 ** 16;

/** A pickle's bytes out of zlib or gzip; any other compression is refused, anything else is returned as it is. */
export function decompress(bytes: Uint8Array, limits: PickleLimits): Uint8Array {
  const format = fileFormat(bytes);
  switch (format) {
    case 'zlib':
    case 'gzip':
      try {
        const unpack = format === 'gzip' ? gunzipSync : inflateSync;
        const most = limits.uncompressedBytes;
        // One piece that holds everything: zlib would collect small ones and copy them together, twice the memory. What
        // of it is not written to is never backed by memory.
        const chunkSize = Math.min(most, bytes.length * mostExpansion) + leastChunk;
        return unpack(bytes, { maxOutputLength: most, chunkSize });
      } catch (error) {
        if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) {
          throw overLimit('uncompressedBytes', limits.uncompressedBytes, 'bytes once it is uncompressed');
        }
        throw invalidPickle(`It is ${formatNames[format]}, and damaged: ${describeError(error)}.`);
      }
    case 'bzip2':
    case 'xz':
    case 'lzma':
    case 'lz4':
      throw unsupportedPickle(`It is ${formatNames[format]}; of compressed files zlib and gzip are read.`);
    default:
      return bytes;
  }
}

/**
 * Takes an array's data out of the stream when the instance announces it: a padding length and the padding (since
 * joblib 1.2), then the bytes, or a whole pickle of its own for an array of objects.
 */
export function readInlineArray(instance: PyInstance, reader: ByteReader, readNested: () => PickleValue): void {
  if (instance.className !== 'joblib.numpy_pickle.NumpyArrayWrapper') return;
  if (!(instance.state instanceof Map)) throw invalidPickle('An array of joblib has no description.', reader.offset);
  const { byteLength } = arrayWrapper(instance.state);
  if (byteLength === undefined) {
    const nested = readNested();
    if (!(nested instanceof PyInstance)) throw invalidPickle(`An array of objects is ${typeName(nested)}.`);
    instance.inline = nested;
    return;
  }
  if ((instance.state.get('numpy_array_alignment_bytes') ?? null) !== null) reader.bytes(reader.uint8());
  instance.inline = reader.bytes(byteLength);
}
