export type FileFormat =
  | 'pickle'
  | 'zlib'
  | 'gzip'
  | 'bzip2'
  | 'xz'
  | 'lzma'
  | 'lz4'
  | 'zip'
  | 'hdf5'
  | 'safetensors'
  | 'git-lfs'
  | 'html'
  | 'json'
  | 'unknown';

/** How each format is called in a message. */
export const formatNames: Record<FileFormat, string> = {
  pickle: 'a Python pickle',
  zlib: 'zlib-compressed, as joblib.dump writes it',
  gzip: 'gzip-compressed',
  bzip2: 'bzip2-compressed',
  xz: 'xz-compressed',
  lzma: 'lzma-compressed',
  lz4: 'lz4-compressed',
  zip: 'a zip archive (PyTorch, Keras, NumPy .npz)',
  hdf5: 'an HDF5 file (Keras)',
  safetensors: 'a safetensors file: weights without a graph',
  'git-lfs': 'a Git LFS pointer, not the file itself: run `git lfs pull`',
  html: 'an HTML page',
  json: 'JSON text',
  unknown: 'of an unknown format',
};

const signatures: readonly (readonly [FileFormat, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['hdf5', [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['zlib', [0x78, 0x01]],
  ['zlib', [0x78, 0x5e]],
  ['zlib', [0x78, 0x9c]],
  ['zlib', [0x78, 0xda]],
];

/**
 * What a file is by its first bytes, to say so in an error: a file given as a model is often another thing. ONNX has no
 * signature of its own and comes out as `unknown`.
 */
export function fileFormat(bytes: Uint8Array): FileFormat {
  for (const [format, signature] of signatures) {
    if (signature.every((byte, index) => bytes[index] === byte)) return format;
  }
  // PROTO with a version from 2 to 5; protocols 0 and 1 begin with a GLOBAL line or a MARK and end with STOP.
  if (bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5) return 'pickle';
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  if (/^\(?[cil(][\w.]+\n[\w.]+\n/.test(head) && bytes.at(-1) === 0x2e) return 'pickle';
  if (head.startsWith('version https://git-lfs')) return 'git-lfs';
  if (/^\s*<(!doctype|html|\?xml)/i.test(head)) return 'html';
  // The length of the header in 8 bytes, then the header, which is JSON.
  if (head.slice(5, 8) === '\0\0\0' && /^\{\s*"/.test(head.slice(8))) return 'safetensors';
  if (/^\s*[[{]/.test(head)) return 'json';
  return 'unknown';
}
