import type { AlarmInput, CompositeAlarmInput, MetricAlarmInput } from '../../../platform/aws/alarm-types.js';

type Comparable = Readonly<Record<string, unknown>>;

/**
 * An alarm in the one form in which two of them can be compared: defaults written out, lists without an order sorted, and
 * nothing but what a Put call sets.
 */
export function comparable(alarm: AlarmInput): Comparable {
  return alarm.kind === 'metric' ? metric(alarm.input) : composite(alarm.input);
}

/** What a Put call takes, without what only CloudWatch adds to it. */
export function putInput(alarm: AlarmInput): AlarmInput {
  const name = { AlarmName: alarm.input.AlarmName };
  const set = Object.fromEntries(Object.entries(comparable(alarm)).filter(([, value]) => value !== undefined));
  return alarm.kind === 'metric'
    ? { kind: 'metric', input: { ...name, ...set } as MetricAlarmInput }
    : { kind: 'composite', input: { ...name, ...set } as CompositeAlarmInput };
}

function metric(input: MetricAlarmInput): Comparable {
  const queries = input.Metrics?.length ? input.Metrics.map(query).sort(by('Id')) : undefined;
  return {
    ...notifications(input),
    Namespace: input.Namespace || undefined,
    MetricName: input.MetricName || undefined,
    Dimensions: queries === undefined ? dimensions(input.Dimensions) : undefined,
    Statistic: input.Statistic || undefined,
    ExtendedStatistic: input.ExtendedStatistic || undefined,
    Period: queries === undefined ? input.Period : undefined,
    Unit: input.Unit || undefined,
    Metrics: queries,
    EvaluationPeriods: input.EvaluationPeriods,
    DatapointsToAlarm: input.DatapointsToAlarm ?? input.EvaluationPeriods,
    ComparisonOperator: input.ComparisonOperator,
    Threshold: input.Threshold,
    ThresholdMetricId: input.ThresholdMetricId || undefined,
    TreatMissingData: input.TreatMissingData || 'missing',
    EvaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile || undefined,
  };
}

function composite(input: CompositeAlarmInput): Comparable {
  return {
    ...notifications(input),
    AlarmRule: input.AlarmRule,
    ActionsSuppressor: input.ActionsSuppressor || undefined,
    ActionsSuppressorWaitPeriod: input.ActionsSuppressorWaitPeriod,
    ActionsSuppressorExtensionPeriod: input.ActionsSuppressorExtensionPeriod,
  };
}

function notifications(input: MetricAlarmInput | CompositeAlarmInput): Comparable {
  return {
    AlarmDescription: input.AlarmDescription ?? '',
    ActionsEnabled: input.ActionsEnabled ?? true,
    AlarmActions: [...(input.AlarmActions ?? [])].sort(),
    OKActions: [...(input.OKActions ?? [])].sort(),
    InsufficientDataActions: [...(input.InsufficientDataActions ?? [])].sort(),
  };
}

function query(item: NonNullable<MetricAlarmInput['Metrics']>[number]): Comparable {
  const { Metric, Period, Stat, Unit } = item.MetricStat ?? {};
  return withoutUndefined({
    Id: item.Id,
    Expression: item.Expression || undefined,
    Label: item.Label || undefined,
    Period: item.Period ?? undefined,
    ReturnData: item.ReturnData ?? true,
    MetricStat:
      Metric === undefined
        ? undefined
        : withoutUndefined({
            Metric: {
              Namespace: Metric.Namespace,
              MetricName: Metric.MetricName,
              Dimensions: dimensions(Metric.Dimensions),
            },
            Period,
            Stat,
            Unit: Unit || undefined,
          }),
  });
}

function dimensions(list: MetricAlarmInput['Dimensions']): Comparable[] {
  return (list ?? []).map(({ Name, Value }) => ({ Name, Value })).sort(by('Name'));
}

function by(key: string) {
  return (a: Comparable, b: Comparable) => String(a[key]).localeCompare(String(b[key]), 'en');
}

function withoutUndefined(value: Comparable): Comparable {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}
