import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type NodeProto, type TensorProto, type ValueInfoProto } from 'onnx-buf';

/** Writes small ONNX models for tests: what `mlops model import` does not write. */
export interface GraphParts {
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly tensors?: readonly TensorProto[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly modelVersion?: number;
  readonly mlOpset?: number;
}

export function onnxModel(parts: GraphParts): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [
      { domain: '', version: 15n },
      ...(parts.mlOpset === undefined ? [] : [{ domain: 'ai.onnx.ml', version: BigInt(parts.mlOpset) }]),
    ],
    modelVersion: BigInt(parts.modelVersion ?? 0),
    graph: {
      name: 'test',
      node: [...parts.nodes],
      input: [...parts.inputs],
      output: [...parts.outputs],
      initializer: [...(parts.tensors ?? [])],
    },
    metadataProps: Object.entries(parts.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}
