// What the functions of the pipeline write into CloudWatch, and what alarms and panels read there: one list for both sides.

/** Namespace of our own metrics in CloudWatch: those of the functions here, and the SLO counters of the agent's scrape. */
export const mlopsNamespace = 'mlops';

/**
 * Metrics in `mlopsNamespace` by the one dimension `Project`, written to the log in the embedded metric format
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * A function writes all of its metrics at every run, zeros included: CloudWatch knows a metric from its first value on, and
 * no alarm is made on one that it does not know.
 */
export const pipelineMetrics = {
  dimension: 'Project',
  /** Recordings whose result file was written. Transcribe function. */
  recordingsDone: 'RecordingsDone',
  /** Recordings that were given up. Transcribe function. */
  recordingsFailed: 'RecordingsFailed',
  /** Length of the recordings done, in seconds. Transcribe function. */
  audioSeconds: 'AudioSeconds',
  /** Time spent on the recordings done, in seconds: beside `AudioSeconds` it is the speed. Transcribe function. */
  processingSeconds: 'ProcessingSeconds',
  /** Loads into the warehouse that were committed. Load function. */
  loadsDone: 'LoadsDone',
  /** Loads that were rolled back. Load function. */
  loadsFailed: 'LoadsFailed',
  /** Results that are no records and were set aside, each once. Load function. */
  loadsRefused: 'LoadsRefused',
  /** Rows of the loads that were committed. Load function. */
  rowsLoaded: 'RowsLoaded',
} as const;
