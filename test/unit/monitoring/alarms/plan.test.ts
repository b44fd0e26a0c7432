import { describe, expect, test } from 'vitest';
import { planAlarms } from '../../../../src/lib/monitoring/alarms/plan/changes.js';
import { planLines, skippedLines } from '../../../../src/lib/monitoring/alarms/plan/lines.js';
import { summarize } from '../../../../src/lib/monitoring/alarms/plan/summary.js';
import type { AlarmInput, FoundAlarm } from '../../../../src/lib/platform/aws/alarm-types.js';
import { errorOf } from '../../../support/errors.js';

const metric: AlarmInput = {
  kind: 'metric',
  input: {
    AlarmName: 'demo-a',
    AlarmDescription: 'd',
    ActionsEnabled: true,
    AlarmActions: ['t'],
    OKActions: ['t'],
    Metrics: [
      { Id: 'e', Expression: 'm*2', ReturnData: true },
      {
        Id: 'm',
        ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: 'N',
            MetricName: 'M',
            Dimensions: [
              { Name: 'b', Value: '2' },
              { Name: 'a', Value: '1' },
            ],
          },
          Period: 300,
          Stat: 'Sum',
        },
      },
    ],
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 14.4,
    TreatMissingData: 'missing',
  },
};
const composite: AlarmInput = { kind: 'composite', input: { AlarmName: 'demo-c', AlarmRule: 'ALARM("demo-a")' } };
const found = (alarm: AlarmInput, changes: object = {}): FoundAlarm =>
  ({
    ...alarm,
    input: { ...alarm.input, ...changes },
    arn: 'arn:x',
    state: { value: 'OK', reason: '', since: undefined },
  }) as FoundAlarm;
const plan = (wanted: AlarmInput[], owned: FoundAlarm[]) => planAlarms(wanted, { owned, foreign: [] }, 'demo');
const short = (changes: ReturnType<typeof plan>) => changes.map(({ action, name }) => `${action} ${name}`);

test('what is not created is said, with the next step', () => {
  const texts = skippedLines([{ group: 'warehouse', why: 'No metric yet.', actions: ['later'] }]).map(
    ({ text }) => text,
  );
  expect(texts).toEqual(['Not created: warehouse. No metric yet.', '    Next: later']);
});

describe('the plan of alarms', () => {
  test('what CloudWatch says in another order, or with its defaults, is no change', () => {
    const [e, m] = (metric.kind === 'metric' ? metric.input.Metrics : undefined) ?? [];
    const told = {
      Metrics: [m, { ...e, Label: undefined }],
      Dimensions: [],
      DatapointsToAlarm: undefined,
      TreatMissingData: undefined,
      InsufficientDataActions: [],
      StateValue: 'OK',
      AlarmArn: 'arn:x',
    };
    expect(short(plan([metric], [found(metric, told)]))).toEqual(['unchanged demo-a']);
  });

  test('each field that differs is told with both values', () => {
    const [change] = plan([metric], [found(metric, { Threshold: 6, AlarmActions: ['old'] })]);
    expect(change).toMatchObject({
      action: 'update',
      fields: [
        { field: 'AlarmActions', from: ['old'], to: ['t'] },
        { field: 'Threshold', from: 6, to: 14.4 },
      ],
    });
  });

  test('children come before composites, composites go before children', () => {
    expect(short(plan([composite, metric], []))).toEqual(['create demo-a', 'create demo-c']);
    expect(short(plan([], [found(metric), found(composite)]))).toEqual(['delete demo-c', 'delete demo-a']);
  });

  test('a name that others have is refused with ways out; names that we do not want are theirs', async () => {
    const error = await errorOf(() =>
      planAlarms([metric], { owned: [], foreign: [found(metric), found(composite)] }, 'demo'),
    );
    expect(error).toMatchObject({ code: 'ALARM_NOT_OURS', exitCode: 2 });
    expect(error.why).not.toContain('demo-c');
    expect(error.actions.join('\n')).toContain('aws cloudwatch tag-resource --resource-arn arn:x');
  });

  test('people read marks, fields and a count', () => {
    const alarms = plan([metric], [found(metric, { Threshold: 6 }), found(composite)]);
    const topic = { arn: 'arn:t', name: 't', owner: 'mlops', action: 'create', fields: [] } as const;
    const texts = planLines(summarize({ channels: [{ severity: undefined, topic, subscriptions: [] }], alarms })).map(
      ({ text }) => text,
    );
    expect(texts).toEqual([
      '+ topic arn:t',
      '~ demo-a',
      '    Threshold: 6 -> 14.4',
      '- demo-c (composite)',
      '1 to create, 1 to update, 1 to delete, 0 unchanged',
    ]);
  });
});
