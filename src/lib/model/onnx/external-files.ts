import { type GraphProto, type TensorProto, TensorProto_DataLocation } from 'onnx-buf';

/**
 * Files beside a model that hold its weights, as the model names them, sorted: models of more than 2 GiB cannot keep them
 * inside (https://onnx.ai/onnx/repo-docs/ExternalData.html). Weights of graphs inside of operators count too.
 */
export function externalFiles(graph: GraphProto): string[] {
  const names = new Set<string>();
  const pending = [graph];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const tensor of at.initializer) addLocation(tensor, names);
    for (const { attribute } of at.node) {
      for (const { t, tensors, g, graphs } of attribute) {
        for (const tensor of t === undefined ? tensors : [t, ...tensors]) addLocation(tensor, names);
        pending.push(...(g === undefined ? graphs : [g, ...graphs]));
      }
    }
  }
  return [...names].sort();
}

function addLocation({ dataLocation, externalData }: TensorProto, names: Set<string>): void {
  if (dataLocation !== TensorProto_DataLocation.EXTERNAL) return;
  const location = externalData.find(({ key }) => key === 'location')?.value;
  if (location) names.add(location);
}
