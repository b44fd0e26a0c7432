import { publishAsAlarm } from './alarm-actions.js';
import { alarmsOfRule, evaluateRule } from './alarm-rule.js';
import type { Answer, Forward, StandIn } from './aws-fault-proxy.js';

type Fields = Record<string, unknown>;
export type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface Alarm extends Fields {
  readonly AlarmName: string;
  readonly AlarmArn: string;
  StateValue: State;
  readonly AlarmRule?: string;
  readonly ActionsEnabled?: boolean;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
}

class Refused extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Smaller than AWS's, so that every listing has several pages. */
const pageSize = 7;
const owner = 'us-east-1:123456789012';

/**
 * What moto's CloudWatch lacks, by the CloudWatch API Reference: composite alarms in every call that takes them,
 * DescribeAlarmHistory, pages, and actions: a change of state is published to SNS if topic and key let CloudWatch in.
 */
export function cloudWatchStandIn(): StandIn {
  const cloudWatch = new CloudWatchStandIn();
  return async (call, body, forward) => {
    const action = /^monitoring:(\w+)$/.exec(call)?.[1];
    const input = (): Fields => JSON.parse(body || '{}') as Fields;
    try {
      switch (action) {
        case 'PutCompositeAlarm':
          return await cloudWatch.put(input(), forward);
        case 'DescribeAlarms':
          return await cloudWatch.describe(input(), forward);
        case 'DeleteAlarms':
          return await cloudWatch.delete(input(), forward);
        case 'SetAlarmState':
          return await cloudWatch.setState(input(), forward);
        case 'DescribeAlarmHistory':
          return cloudWatch.describeHistory(input());
        case 'ListTagsForResource':
          return cloudWatch.listTags(input());
        default:
          return undefined;
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return answer({ __type: error.code, message: error.message }, error.status);
    }
  };
}

function answer(body: object, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}

const now = () => Date.now() / 1000;

class CloudWatchStandIn {
  readonly #composites = new Map<string, Alarm>();
  readonly #tags = new Map<string, unknown>();
  readonly #history: Fields[] = [];

  async put(input: Fields, forward: Forward): Promise<Answer> {
    const {
      AlarmName: name,
      AlarmRule: rule,
      Tags,
      ...rest
    } = input as { AlarmName: string; AlarmRule: string } & Fields;
    const states = await this.#states(forward);
    const missing = childrenOf(rule).filter((child) => !states.has(child));
    if (missing.length > 0) {
      throw new Refused(
        'ValidationError',
        `Could not save the composite alarm as alarms [${missing}] in the alarm rule do not exist`,
      );
    }
    const arn = `arn:aws:cloudwatch:${owner}:alarm:${name}`;
    const known = this.#composites.get(name);
    // Tags of an update are ignored.
    if (known === undefined) this.#tags.set(arn, Tags ?? []);
    const StateValue = known?.StateValue ?? 'INSUFFICIENT_DATA';
    this.#composites.set(name, {
      ActionsEnabled: true,
      ...rest,
      AlarmName: name,
      AlarmArn: arn,
      AlarmRule: rule,
      StateValue,
      StateReason: 'Unchecked: Initial alarm creation',
      StateUpdatedTimestamp: now(),
      StateTransitionedTimestamp: now(),
    });
    await this.#evaluate(forward);
    return answer({});
  }

  async describe(input: Fields, forward: Forward): Promise<Answer> {
    const types = (input.AlarmTypes ?? ['MetricAlarm']) as string[];
    const prefix = String(input.AlarmNamePrefix ?? '');
    const names = input.AlarmNames as string[] | undefined;
    const isAsked = ({ AlarmName: name }: Alarm) => names?.includes(name) ?? name.startsWith(prefix);
    const metric = types.includes('MetricAlarm') ? await metricAlarms(forward) : [];
    const composite = types.includes('CompositeAlarm') ? [...this.#composites.values()] : [];
    const all = [...metric, ...composite].filter(isAsked);
    const start = Number(input.NextToken ?? 0);
    const page = all.slice(start, start + Math.min(Number(input.MaxRecords ?? 50), pageSize));
    const end = start + page.length;
    return answer({
      MetricAlarms: page.filter(({ AlarmRule }) => AlarmRule === undefined),
      CompositeAlarms: page.filter(({ AlarmRule }) => AlarmRule !== undefined),
      ...(end < all.length ? { NextToken: String(end) } : {}),
    });
  }

  async delete(input: Fields, forward: Forward): Promise<Answer> {
    const names = input.AlarmNames as string[];
    const states = await this.#states(forward);
    if (names.some((name) => !states.has(name))) throw new Refused('ResourceNotFound', 'Alarm not found', 404);
    const composites = names.filter((name) => this.#composites.has(name));
    if (composites.length > 1)
      throw new Refused('ValidationError', 'Only one composite alarm can be deleted at a time');
    for (const { AlarmName, AlarmRule = '' } of this.#composites.values()) {
      const needed = names.find((name) => childrenOf(AlarmRule).includes(name));
      if (needed !== undefined && !names.includes(AlarmName)) {
        throw new Refused('ValidationError', `Cannot delete ${needed} as there are composite alarm(s) depending on it`);
      }
    }
    for (const name of composites) this.#composites.delete(name);
    const metric = names.filter((name) => !composites.includes(name));
    if (metric.length > 0) await forward({ body: JSON.stringify({ AlarmNames: metric }) });
    return answer({});
  }

  async setState(input: Fields, forward: Forward): Promise<Answer> {
    const { AlarmName: name, StateValue: value } = input as { AlarmName: string; StateValue: State };
    const composite = this.#composites.get(name);
    if (composite !== undefined) {
      await this.#change(composite, value, String(input.StateReason), forward);
      return answer({});
    }
    const alarm = (await metricAlarms(forward)).find(({ AlarmName }) => AlarmName === name);
    if (alarm === undefined) throw new Refused('ResourceNotFound', 'Alarm not found', 404);
    const done = await forward();
    await this.#change(alarm, value, String(input.StateReason), forward);
    await this.#evaluate(forward);
    return done;
  }

  describeHistory({ AlarmName, StartDate = 0, ScanBy, NextToken = 0 }: Fields): Answer {
    const items = this.#history.filter((item) => {
      return (AlarmName === undefined || item.AlarmName === AlarmName) && Number(item.Timestamp) >= Number(StartDate);
    });
    const all = ScanBy === 'TimestampAscending' ? items : items.toReversed();
    const start = Number(NextToken);
    const page = all.slice(start, start + pageSize);
    const end = start + page.length;
    return answer({ AlarmHistoryItems: page, ...(end < all.length ? { NextToken: String(end) } : {}) });
  }

  listTags({ ResourceARN }: Fields): Answer | undefined {
    const name = String(ResourceARN).replace(/^.*:alarm:/, '');
    return this.#composites.has(name) ? answer({ Tags: this.#tags.get(String(ResourceARN)) }) : undefined;
  }

  /** Composites follow their children. */
  async #evaluate(forward: Forward): Promise<void> {
    const states = await this.#states(forward);
    for (const composite of this.#composites.values()) {
      const isOn = evaluateRule(composite.AlarmRule ?? 'FALSE', (name) => states.get(name));
      await this.#change(composite, isOn ? 'ALARM' : 'OK', 'The alarm rule was evaluated', forward);
    }
  }

  async #change(alarm: Alarm, to: State, reason: string, forward: Forward): Promise<void> {
    const from = alarm.StateValue;
    if (from === to) return;
    Object.assign(alarm, { StateValue: to, StateReason: reason, StateTransitionedTimestamp: now() });
    this.#record(alarm, 'StateUpdate', `Alarm updated from ${from} to ${to}`);
    if (alarm.ActionsEnabled === false) return;
    const actions = to === 'ALARM' ? alarm.AlarmActions : to === 'OK' ? alarm.OKActions : [];
    for (const topic of actions ?? []) {
      const refusal = await publishAsAlarm(
        topic,
        { AlarmName: alarm.AlarmName, NewStateValue: to, NewStateReason: reason },
        forward,
      );
      const failed = `Failed to execute action ${topic}. Received error: "${refusal}"`;
      this.#record(alarm, 'Action', refusal === undefined ? `Successfully executed action ${topic}` : failed);
    }
  }

  #record({ AlarmName, AlarmRule }: Alarm, HistoryItemType: string, HistorySummary: string): void {
    const AlarmType = AlarmRule === undefined ? 'MetricAlarm' : 'CompositeAlarm';
    this.#history.push({ AlarmName, AlarmType, HistoryItemType, HistorySummary, Timestamp: now() });
  }

  async #states(forward: Forward): Promise<Map<string, State>> {
    const all = [...(await metricAlarms(forward)), ...this.#composites.values()];
    return new Map(all.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
  }
}

function childrenOf(rule: string): string[] {
  try {
    return alarmsOfRule(rule);
  } catch {
    throw new Refused('ValidationError', `AlarmRule is malformed: ${rule}`);
  }
}

async function metricAlarms(forward: Forward): Promise<Alarm[]> {
  const target = 'GraniteServiceVersion20100801.DescribeAlarms';
  const found = await forward({ body: '{}', headers: { 'x-amz-target': target } });
  return (JSON.parse(found.body) as { MetricAlarms: Alarm[] }).MetricAlarms;
}
