import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
} from 'onnx-buf';

const contrib = 'com.microsoft';
const graphField = ModelProtoSchema.field.graph.number;
const opsetField = ModelProtoSchema.field.opsetImport.number;
const nodeField = GraphProtoSchema.field.node.number;

/** One field of a message as it stands in the file, its tag included. */
interface Field {
  readonly number: number;
  readonly whole: Uint8Array;
  /** Without tag and length. */
  readonly content: Uint8Array;
}

/**
 * Lets a merged decoder multiply with its quantised vocabulary as it is. As exported, each step first turns the whole table
 * of embeddings (9 MB of bytes for the tiny model) into floats, and that is more than half of its time: the runtime folds
 * no DequantizeLinear. What is not of that make is returned as it is. Weights are never parsed, and copied once.
 * @param model bytes of an ONNX file
 */
export function withInt8Projection(model: Uint8Array): Uint8Array {
  const fields = fieldsOf(model);
  const graph = fields.find(({ number }) => number === graphField);
  if (graph === undefined) return model;
  let changes = 0;
  const parts = fieldsOf(graph.content).map(({ number, whole, content }) => {
    if (number !== nodeField) return whole;
    const node = fromBinary(NodeProtoSchema, content);
    const changed = branches(node).map(quantiseLogits).filter(Boolean).length;
    changes += changed;
    return changed === 0 ? whole : delimited(nodeField, toBinary(NodeProtoSchema, node));
  });
  if (changes === 0) return model;
  const writer = new BinaryWriter();
  for (const field of fields) if (field.number !== graphField && !isContrib(field)) writer.raw(field.whole);
  const opset = create(OperatorSetIdProtoSchema, { domain: contrib, version: 1n });
  writer.raw(delimited(opsetField, toBinary(OperatorSetIdProtoSchema, opset)));
  writer.tag(graphField, WireType.LengthDelimited).uint32(parts.reduce((sum, { length }) => sum + length, 0));
  for (const part of parts) writer.raw(part);
  return writer.finish();
}

function fieldsOf(message: Uint8Array): Field[] {
  const reader = new BinaryReader(message);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, type] = reader.tag();
    const content = reader.skip(type);
    fields.push({ number, whole: message.subarray(start, reader.pos), content: unprefixed(content, type) });
  }
  return fields;
}

/** What `skip` returns, without the length in front of it. */
function unprefixed(content: Uint8Array, type: WireType): Uint8Array {
  return type === WireType.LengthDelimited ? new BinaryReader(content).bytes() : content;
}

function delimited(field: number, content: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(content).finish();
}

/** A merged decoder is one If: the first step, and the steps that have a cache. */
function branches({ opType, attribute }: NodeProto): GraphProto[] {
  return opType === 'If' ? attribute.flatMap(({ g }) => (g === undefined ? [] : [g])) : [];
}

/** `MatMul(x, DequantizeLinear(w))` that gives the logits, as one operator on the bytes of `w`. */
function quantiseLogits(graph: GraphProto): boolean {
  const at = graph.node.findIndex(({ opType, output }) => opType === 'MatMul' && output[0] === 'logits');
  const product = graph.node[at];
  const [x, weights] = product?.input ?? [];
  const dequantise = graph.node.find(({ output }) => output[0] === weights);
  if (product === undefined || x === undefined || dequantise === undefined) return false;
  if (!isPerTensor(dequantise)) return false;
  graph.node[at] = create(NodeProtoSchema, {
    name: product.name,
    opType: 'DynamicQuantizeMatMul',
    domain: contrib,
    input: [x, ...dequantise.input],
    output: product.output,
  });
  const others = graph.node.some(({ input }) => input.includes(weights as string));
  if (!others) graph.node.splice(graph.node.indexOf(dequantise), 1);
  return true;
}

/** With a scale per column, the attribute `axis` would say of which. */
function isPerTensor({ opType, input, attribute }: NodeProto): boolean {
  return opType === 'DequantizeLinear' && input.length === 3 && !attribute.some(({ name }) => name === 'axis');
}

function isContrib({ number, content }: Field): boolean {
  return number === opsetField && fromBinary(OperatorSetIdProtoSchema, content).domain === contrib;
}
