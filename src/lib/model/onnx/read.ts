import { createHash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { describeError } from '../../base/errors/describe.js';
import { UsageError } from '../../base/errors/mlops-error.js';
import { fileFormat, formatNames } from '../file-format.js';
import { readWholeFile } from '../read-file.js';
import { type ValueSpec, valueSpec } from './datatypes.js';
import { externalFiles } from './external-files.js';

/** What an ONNX file says about itself. Nothing in it was run. */
export interface OnnxFile {
  readonly sizeBytes: number;
  /** SHA-256 of the file, 64 hex digits. */
  readonly sha256: string;
  readonly irVersion: number;
  readonly producer: string;
  /** 0 when the file states none. */
  readonly modelVersion: number;
  /** Operator set versions by domain; the standard domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  /** How often each operator occurs in the main graph, most frequent first; with its domain unless that is `ai.onnx`. */
  readonly operators: Readonly<Record<string, number>>;
  /** Without those that the file itself gives a value. */
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Files that hold weights of the model, as paths from its folder; usually none. */
  readonly externalFiles: readonly string[];
}

/**
 * Reads an ONNX file's signature. Throws UsageError: see `readWholeFile`, and `NOT_ONNX` for anything else than a whole
 * ONNX file, with what it is instead. The protobuf format takes many bytes for a message, so what counts is that there
 * is a graph with outputs, nodes and operator sets.
 */
export async function readOnnx(path: string): Promise<OnnxFile> {
  const bytes = await readWholeFile(path, 'model');
  const format = fileFormat(bytes);
  if (format !== 'unknown') throw notOnnx(path, `It is ${formatNames[format]}.`, nextStep(path, format));
  const model = parse(path, bytes);
  const graph = model.graph;
  if (graph === undefined || graph.output.length === 0 || model.irVersion <= 0n || model.opsetImport.length === 0) {
    throw notOnnx(path, 'It has no complete graph: another format, or cut off.');
  }
  const given = new Set(graph.initializer.map((tensor) => tensor.name));
  return {
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    irVersion: Number(model.irVersion),
    producer: [model.producerName, model.producerVersion].filter((text) => text !== '').join(' '),
    modelVersion: Number(model.modelVersion),
    opsets: record(model.opsetImport.map(({ domain, version }) => [domainName(domain), Number(version)])),
    operators: countOperators(graph.node),
    inputs: graph.input.filter(({ name }) => !given.has(name)).map(({ name, type }) => valueSpec(name, type)),
    outputs: graph.output.map(({ name, type }) => valueSpec(name, type)),
    metadata: record(model.metadataProps.map(({ key, value }) => [key, value])),
    externalFiles: externalFiles(graph),
  };
}

function parse(path: string, bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw notOnnx(path, `It is no ONNX file, or a damaged or truncated one: ${describeError(error)}.`);
  }
}

function countOperators(nodes: readonly { domain: string; opType: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { domain, opType } of nodes) {
    const name = domainName(domain) === 'ai.onnx' ? opType : `${domain}.${opType}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return record([...counts].sort(([, a], [, b]) => b - a));
}

function domainName(domain: string): string {
  return domain === '' ? 'ai.onnx' : domain;
}

/** Names from a file become keys of an object without a prototype, so that `__proto__` is one like the others. */
function record<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const result: Record<string, T> = Object.create(null);
  for (const [key, value] of entries) result[key] = value;
  return result;
}

function notOnnx(path: string, why: string, actions: readonly string[] = []): UsageError {
  return new UsageError(`${path} is not an ONNX model`, { code: 'NOT_ONNX', why, actions });
}

function nextStep(path: string, format: string): string[] {
  const compressedPickle = ['zlib', 'gzip', 'bzip2', 'xz', 'lzma', 'lz4'].includes(format);
  if (format === 'pickle' || compressedPickle) return [`mlops model import ${path} --output model.onnx`];
  if (format === 'zip' || format === 'hdf5' || format === 'safetensors') {
    return ['Export the model to ONNX in Python: torch.onnx.export, tf2onnx or optimum-cli'];
  }
  return [];
}
