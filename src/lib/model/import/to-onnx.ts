import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type NodeProto, type TensorProto } from 'onnx-buf';
import { castTo, intAttribute, node, numericTensor, stringTensor, tensorInfo } from '../onnx/build.js';
import type { ClassLabels, LinearClassifier, LinkFunction } from './linear-classifier.js';

/** Raised whenever the graph that the same classifier becomes changes: it is the producer version in the file. */
const converterVersion = '1';
const irVersion = 8n;
const opset = 15n;

/**
 * The classifier as an ONNX file: `input` float32 [rows, features] to `label` (int64 or string, [rows]) and
 * `probabilities` float32 [rows, classes]. Inside it computes in float64 as scikit-learn does, so that labels agree
 * also for features of very different scale, where float32 weights would not. The same classifier always gives the
 * same bytes.
 */
export function toOnnx(classifier: LinearClassifier): Uint8Array {
  const { classes, features } = classifier;
  const label = labelNodes(classes);
  const model = create(ModelProtoSchema, {
    irVersion,
    opsetImport: [{ domain: '', version: opset }],
    producerName: 'mlops',
    producerVersion: converterVersion,
    graph: {
      name: 'linear_classifier',
      node: [
        node('Cast', ['input'], ['input_float64'], [castTo('float64')]),
        node('Gemm', ['input_float64', 'weights', 'intercepts'], ['decision']),
        ...label.nodes,
        ...probabilityNodes(classifier.link),
        node('Cast', ['probabilities_float64'], ['probabilities'], [castTo('float32')]),
      ],
      initializer: [...decisionTensors(classifier), ...label.tensors, ...probabilityTensors(classifier.link)],
      input: [tensorInfo('input', 'float32', ['rows', features])],
      output: [
        tensorInfo('label', classes.type === 'string' ? 'string' : 'int64', ['rows']),
        tensorInfo('probabilities', 'float32', ['rows', classes.values.length]),
      ],
    },
    metadataProps: Object.entries(metadata(classifier)).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

/** What `toOnnx` declares, in the terms of the Open Inference Protocol. */
export function graphSignature({ classes, features }: LinearClassifier) {
  return {
    inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, features] }],
    outputs: [
      { name: 'label', datatype: classes.type === 'string' ? 'BYTES' : 'INT64', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, classes.values.length] },
    ],
  };
}

/**
 * Weights as [features, columns] and intercepts as [columns], one column per class. Two classes get the columns -w and
 * w: the decision value of scikit-learn with both signs, of which argmax takes the second only if it is positive.
 */
function decisionTensors({ features, coefficients, intercepts }: LinearClassifier): TensorProto[] {
  const binary = intercepts.length === 1;
  const columns = binary ? 2 : intercepts.length;
  const weights = new Float64Array(features * columns);
  for (let feature = 0; feature < features; feature++) {
    for (let column = 0; column < columns; column++) {
      const weight = coefficients[(binary ? 0 : column) * features + feature] as number;
      weights[feature * columns + column] = binary && column === 0 ? -weight : weight;
    }
  }
  const [intercept = 0] = intercepts;
  return [
    numericTensor('weights', [features, columns], weights),
    numericTensor('intercepts', [columns], binary ? Float64Array.of(-intercept, intercept) : intercepts),
  ];
}

/** Classes that are 0, 1, 2, ... are their own index. */
function labelNodes(classes: ClassLabels): { nodes: NodeProto[]; tensors: TensorProto[] } {
  const argMax = (output: string) =>
    node('ArgMax', ['decision'], [output], [intAttribute('axis', 1), intAttribute('keepdims', 0)]);
  if (classes.type === 'integer' && classes.values.every((value, index) => value === BigInt(index))) {
    return { nodes: [argMax('label')], tensors: [] };
  }
  const tensor =
    classes.type === 'string'
      ? stringTensor('classes', classes.values)
      : numericTensor('classes', [classes.values.length], BigInt64Array.from(classes.values));
  const gather = node('Gather', ['classes', 'class_index'], ['label'], [intAttribute('axis', 0)]);
  return { nodes: [argMax('class_index'), gather], tensors: [tensor] };
}

function probabilityNodes(link: LinkFunction): NodeProto[] {
  switch (link) {
    case 'sigmoid':
      return [node('Sigmoid', ['decision'], ['probabilities_float64'])];
    case 'binary-softmax':
    case 'softmax':
      return [node('Softmax', ['decision'], ['probabilities_float64'], [intAttribute('axis', 1)])];
    case 'normalized-sigmoids':
      return [
        node('Sigmoid', ['decision'], ['sigmoids']),
        node('Add', ['sigmoids', 'tiny'], ['positive_sigmoids']),
        node('ReduceSum', ['positive_sigmoids', 'class_axis'], ['sum'], [intAttribute('keepdims', 1)]),
        node('Div', ['positive_sigmoids', 'sum'], ['probabilities_float64']),
      ];
  }
}

/**
 * Sigmoids that all underflow to 0 cannot be normalized: `tiny` makes them equal shares, as scikit-learn does since 1.9
 * (NaN before), and is far too small to be seen in any other case.
 */
function probabilityTensors(link: LinkFunction): TensorProto[] {
  if (link !== 'normalized-sigmoids') return [];
  return [numericTensor('tiny', [1], Float64Array.of(1e-300)), numericTensor('class_axis', [1], BigInt64Array.of(1n))];
}

function metadata({ source, featureNames, classes, link }: LinearClassifier): Record<string, string> {
  return {
    source: `${source.library} ${source.version}`,
    source_class: source.className,
    link,
    classes: JSON.stringify(classes.type === 'string' ? classes.values : classes.values.map(Number)),
    ...(featureNames === undefined ? {} : { feature_names: JSON.stringify(featureNames) }),
  };
}
