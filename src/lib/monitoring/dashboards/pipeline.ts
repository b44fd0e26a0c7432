import * as units from '@grafana/grafana-foundation-sdk/units';
import { mlopsNamespace, pipelineMetrics as pipeline } from '../../base/pipeline-metrics.js';
import { sqs } from '../metric-names.js';
import { type AwsNames, type DashboardContext, stableUid } from './context.js';
import { type BuiltDashboard, buildDashboard, type Row } from './dashboard.js';
import { countedSeries, figure, timeSeries } from './panels.js';
import { metric, type Target } from './targets.js';
import { datasourceVariable } from './variables.js';

const source = 'cloudwatch';

/** From a recording in the bucket to a row in the warehouse. */
export function pipelineDashboard(context: DashboardContext & { readonly aws: AwsNames }): BuiltDashboard {
  const { project, aws } = context;
  const ofQueue = (name: string, statistic: string, label: string, queue = aws.queue): Target =>
    metric({ namespace: sqs.namespace, name, dimensions: { [sqs.dimension]: queue }, statistic }, label);
  const ours = (name: string, label: string): Target =>
    metric({ namespace: mlopsNamespace, name, dimensions: { [pipeline.dimension]: project }, statistic: 'Sum' }, label);

  const now: Row = {
    title: 'Now',
    panels: [
      figure({
        title: 'Oldest waiting',
        description: 'Age of the oldest recording in the queue: how far behind the pipeline is. Source: SQS.',
        unit: units.Seconds,
        source,
        span: 6,
        graph: true,
        thresholds: [{ colour: 'green' }, { from: 900, colour: 'yellow' }, { from: 3600, colour: 'red' }],
        targets: [ofQueue(sqs.oldestAge, 'Maximum', 'oldest')],
      }),
      figure({
        title: 'Waiting',
        description: 'Recordings in the queue. Source: SQS.',
        unit: units.Short,
        source,
        span: 6,
        graph: true,
        targets: [ofQueue(sqs.visible, 'Maximum', 'waiting')],
      }),
      figure({
        title: 'Given up',
        description: 'Recordings in the dead-letter queue: each failed five times. Source: SQS.',
        unit: units.Short,
        source,
        span: 6,
        thresholds: [{ colour: 'green' }, { from: 1, colour: 'red' }],
        targets: [ofQueue(sqs.visible, 'Maximum', 'given up', aws.deadLetterQueue)],
      }),
      figure({
        title: 'Failed loads, refused results',
        description:
          'Loads into the warehouse that were rolled back, and results that are no records and are not in it, in the time shown. Source: the load function; empty until it has written some.',
        unit: units.Short,
        source,
        span: 6,
        reduce: 'sum',
        thresholds: [{ colour: 'green' }, { from: 1, colour: 'red' }],
        targets: [ours(pipeline.loadsFailed, 'failed loads'), ours(pipeline.loadsRefused, 'refused results')],
      }),
    ],
  };

  const recordings: Row = {
    title: 'Recordings',
    panels: [
      countedSeries({
        title: 'In, done and failed',
        description:
          'In: messages sent to the queue (SQS), one for each upload. Done and failed: the transcribe function, empty until it has written some.',
        unit: units.Short,
        source,
        span: 12,
        targets: [
          ofQueue(sqs.sent, 'Sum', 'in'),
          ours(pipeline.recordingsDone, 'done'),
          ours(pipeline.recordingsFailed, 'failed'),
        ],
      }),
      countedSeries({
        title: 'Audio',
        description:
          'Length of the recordings that were transcribed. Source: the transcribe function; empty until it has written some.',
        unit: units.Seconds,
        source,
        span: 12,
        targets: [ours(pipeline.audioSeconds, 'audio')],
      }),
      timeSeries({
        title: 'Queue',
        description: 'Recordings that wait and that are being transcribed. Source: SQS.',
        unit: units.Short,
        min: 0,
        source,
        span: 12,
        targets: [ofQueue(sqs.visible, 'Maximum', 'waiting'), ofQueue(sqs.inFlight, 'Maximum', 'in work')],
      }),
      timeSeries({
        title: 'Age of the oldest',
        description: 'It grows for as long as recordings come in faster than they are transcribed. Source: SQS.',
        unit: units.Seconds,
        min: 0,
        source,
        span: 12,
        targets: [ofQueue(sqs.oldestAge, 'Maximum', 'oldest')],
      }),
    ],
  };

  const loads: Row = {
    title: 'Warehouse',
    panels: [
      countedSeries({
        title: 'Loads',
        description:
          'Loads that were committed, those that were rolled back, and results that were set aside. Source: the load function; empty until it has written some.',
        unit: units.Short,
        source,
        span: 12,
        targets: [
          ours(pipeline.loadsDone, 'done'),
          ours(pipeline.loadsFailed, 'failed'),
          ours(pipeline.loadsRefused, 'refused results'),
        ],
      }),
      countedSeries({
        title: 'Rows loaded',
        description: 'Rows that are in the table for good. Source: the load function; empty until it has written some.',
        unit: units.Short,
        source,
        span: 12,
        targets: [ours(pipeline.rowsLoaded, 'rows')],
      }),
    ],
  };

  return buildDashboard({
    name: 'pipeline',
    uid: stableUid(project, 'pipeline'),
    title: `${project}: Pipeline`,
    description: 'Recordings in, done, failed and loaded, by SQS and by what the functions of the pipeline emit.',
    project,
    from: 'now-24h',
    variables: [datasourceVariable('cloudwatch', stableUid(project, 'cloudwatch'))],
    rows: [now, recordings, loads],
  });
}
