/** Tensor element types by the names of the Open Inference Protocol v2. */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

/** One input or output of a model. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** One entry per dimension; -1 is a dimension that varies from call to call, such as the number of rows. */
  readonly shape: readonly number[];
}

/** What a model takes and gives. */
export interface ModelSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** In the order of the model's columns, when the model knows them. */
  readonly featureNames?: readonly string[];
  /** The class labels a classifier chooses from, in the order of its probabilities. */
  readonly classes?: readonly (number | string)[];
}

/** A model as a thing on disk, before anything runs it. */
export interface Model {
  /** The name it is served under: the card's name, else the file's name without its extension. */
  readonly name: string;
  readonly version: string;
  /** Absolute path of the .onnx file. */
  readonly path: string;
  /** SHA-256 of the file, 64 hex digits. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly signature: ModelSignature;
}
