import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** Small constructors for the parts of an ONNX graph. Everything is built in a fixed order: equal input, equal bytes. */

export type ElementType = 'float32' | 'float64' | 'int64' | 'string';

const elementTypes: Record<ElementType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int64: TensorProto_DataType.INT64,
  string: TensorProto_DataType.STRING,
};

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly AttributeProto[] = [],
): NodeProto {
  return create(NodeProtoSchema, {
    name: `${opType}_${outputs[0]}`,
    opType,
    input: [...inputs],
    output: [...outputs],
    attribute: [...attributes],
  });
}

export function intAttribute(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
}

/** The `to` of a Cast. */
export function castTo(type: ElementType): AttributeProto {
  return intAttribute('to', elementTypes[type]);
}

/** Raw data is little-endian by the ONNX standard; typed arrays are, on every machine that ONNX Runtime exists for. */
export function numericTensor(
  name: string,
  dims: readonly number[],
  values: Float64Array | BigInt64Array,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: elementTypes[values instanceof Float64Array ? 'float64' : 'int64'],
    rawData: new Uint8Array(values.slice().buffer),
  });
}

export function stringTensor(name: string, values: readonly string[]): TensorProto {
  const encoder = new TextEncoder();
  return create(TensorProtoSchema, {
    name,
    dims: [BigInt(values.length)],
    dataType: elementTypes.string,
    stringData: values.map((value) => encoder.encode(value)),
  });
}

/** A graph input or output; a string dimension is one that varies, by its name. */
export function tensorInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementTypes[type], shape: { dim } } } },
  });
}
