import { formatSize } from '../base/units.js';
import type { ModelCard } from './card.js';
import type { ValueSpec } from './onnx/datatypes.js';
import type { ModelDetails } from './open.js';
import { listText, plainText, table } from './text-table.js';

/** The `--json` document of `mlops model inspect`. */
export interface Inspection {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly featureNames: readonly string[] | null;
  readonly classes: readonly (number | string)[] | null;
  readonly producer: string | null;
  readonly irVersion: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly operators: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** null when no card lies beside the file. */
  readonly card: ModelCard | null;
}

export function inspectionOf({ model, onnx, card }: ModelDetails): Inspection {
  return {
    name: model.name,
    version: model.version,
    path: model.path,
    sizeBytes: model.sizeBytes,
    sha256: model.digest,
    inputs: onnx.inputs,
    outputs: onnx.outputs,
    featureNames: model.signature.featureNames ?? null,
    classes: model.signature.classes ?? null,
    producer: onnx.producer === '' ? null : onnx.producer,
    irVersion: onnx.irVersion,
    opsets: onnx.opsets,
    operators: onnx.operators,
    metadata: onnx.metadata,
    card: card ?? null,
  };
}

/** What `mlops model inspect` prints. */
export function inspectionText(inspection: Inspection): string {
  const { card, featureNames, classes } = inspection;
  const source = inspection.metadata.source;
  return table([
    ['Model', `${inspection.name}, version ${inspection.version}`],
    ...optional('About', card?.description),
    ['File', `${inspection.path} (${formatSize(inspection.sizeBytes)})`],
    ['SHA-256', inspection.sha256],
    ['Inputs', inspection.inputs.map(valueText).join('\n') || 'none'],
    ['Outputs', inspection.outputs.map(valueText).join('\n')],
    ...optional('Features', featureNames === null ? undefined : `${featureNames.length}: ${listText(featureNames)}`),
    ...optional('Classes', classes === null ? undefined : listText(classes)),
    ['ONNX', `IR ${inspection.irVersion}, operator sets ${entries(inspection.opsets, ' ')}`],
    ['Operators', entries(inspection.operators, ' x ')],
    ...optional('Producer', inspection.producer ?? undefined),
    ...optional('Source', source),
    ...trainingRows(card),
    ['Card', card === null ? 'none beside the file' : 'matches the file'],
  ]);
}

function trainingRows(card: ModelCard | null): [string, string][] {
  const training = card?.training;
  if (training === undefined) return [];
  const { data } = training;
  return [
    ['Data', plainText(`${data.rows.toLocaleString('en-US')} rows, ${data.source}; licence: ${data.licence}`)],
    [
      'Metrics',
      Object.entries(training.metrics)
        .map(([name, value]) => `${plainText(name)} ${value.toFixed(4)}`)
        .join('\n'),
    ],
  ];
}

/** `input  FP32 [-1, 37]` */
function valueText({ name, type, shape }: ValueSpec): string {
  return plainText(`${name}  ${type}${shape === undefined ? '' : ` [${shape.join(', ')}]`}`);
}

function entries(record: Readonly<Record<string, number>>, between: string): string {
  return plainText(
    Object.entries(record)
      .map(([name, count]) => `${name}${between}${count}`)
      .join(', '),
  );
}

function optional(label: string, text: string | undefined): [string, string][] {
  return text === undefined || text === '' ? [] : [[label, plainText(text)]];
}
