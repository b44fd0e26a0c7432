import { TensorProto_DataType, type TypeProto } from 'onnx-buf';
import type { Datatype, TensorSpec } from '../types.js';

/** ONNX element types by the names of the Open Inference Protocol; the others have none there. */
const datatypes: ReadonlyMap<number, Datatype> = new Map([
  [TensorProto_DataType.BOOL, 'BOOL'],
  [TensorProto_DataType.UINT8, 'UINT8'],
  [TensorProto_DataType.UINT16, 'UINT16'],
  [TensorProto_DataType.UINT32, 'UINT32'],
  [TensorProto_DataType.UINT64, 'UINT64'],
  [TensorProto_DataType.INT8, 'INT8'],
  [TensorProto_DataType.INT16, 'INT16'],
  [TensorProto_DataType.INT32, 'INT32'],
  [TensorProto_DataType.INT64, 'INT64'],
  [TensorProto_DataType.FLOAT16, 'FP16'],
  [TensorProto_DataType.FLOAT, 'FP32'],
  [TensorProto_DataType.DOUBLE, 'FP64'],
  [TensorProto_DataType.STRING, 'BYTES'],
]);

/** A graph input or output as a person reads it: `FP32`, `sequence(map(INT64, FP32))`; the shape only of a tensor. */
export interface ValueSpec {
  readonly name: string;
  readonly type: string;
  readonly shape?: readonly number[];
}

/** Describes an ONNX type. A dimension without a size is -1; a tensor whose rank is not declared has shape [-1]. */
export function valueSpec(name: string, type: TypeProto | undefined): ValueSpec {
  const value = type?.value;
  if (value?.case !== 'tensorType') return { name, type: typeText(type) };
  const shape = value.value.shape?.dim.map(({ value: size }) => (size.case === 'dimValue' ? Number(size.value) : -1));
  return { name, type: typeText(type), shape: shape?.map((size) => (size > 0 ? size : -1)) ?? [-1] };
}

/** The spec when it is a tensor of a type that the protocol knows. */
export function tensorSpec({ name, type, shape }: ValueSpec): TensorSpec | undefined {
  const datatype = [...datatypes.values()].find((known) => known === type);
  return datatype === undefined || shape === undefined ? undefined : { name, datatype, shape };
}

function typeText(type: TypeProto | undefined): string {
  const value = type?.value;
  switch (value?.case) {
    case 'tensorType':
      return elementText(value.value.elemType);
    case 'sparseTensorType':
      return `sparse(${elementText(value.value.elemType)})`;
    case 'sequenceType':
      return `sequence(${typeText(value.value.elemType)})`;
    case 'optionalType':
      return `optional(${typeText(value.value.elemType)})`;
    case 'mapType':
      return `map(${elementText(value.value.keyType)}, ${typeText(value.value.valueType)})`;
    default:
      return 'unknown';
  }
}

function elementText(elementType: number): string {
  return datatypes.get(elementType) ?? TensorProto_DataType[elementType] ?? `type ${elementType}`;
}
