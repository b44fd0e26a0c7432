import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AlarmType,
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, vi } from 'vitest';
import { applyAlarms } from '../../src/lib/monitoring/alarms/apply.js';
import { deleteAlarms } from '../../src/lib/monitoring/alarms/delete.js';
import { listAlarms } from '../../src/lib/monitoring/alarms/list.js';
import { testAlarm } from '../../src/lib/monitoring/alarms/test.js';
import { createAwsCloud } from '../../src/lib/platform/aws/cloud.js';
import { createCloudWatch } from '../../src/lib/platform/aws/cloudwatch.js';
import { createSns } from '../../src/lib/platform/aws/sns.js';
import { loadProject } from '../../src/lib/project/project.js';
import { alarmsDeps, writeAlarmsProject } from './alarms-project.js';
import { cloudWatchStandIn } from './cloudwatch-stand-in.js';
import { type Moto, startMoto } from './moto.js';
import { mlops } from './provision-cli.js';

/** A project and an AWS of its own, for tests of alarms: by the command line, or in this process, which is faster. */
export class AlarmsBench {
  readonly dir: string;
  readonly moto: Moto;
  /** For clients of the AWS SDK. */
  readonly settings;
  readonly #deps: ReturnType<typeof alarmsDeps>;
  readonly #env: Record<string, string>;
  readonly #forget: () => void;

  private constructor(dir: string, moto: Moto, forget: () => void, env: Record<string, string>, requestMs: number) {
    this.dir = dir;
    this.#forget = forget;
    this.moto = moto;
    this.#env = { ...moto.env, ...env };
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    this.settings = { endpoint: moto.url, region: 'us-east-1', credentials };
    this.#deps = alarmsDeps({
      env,
      aws: (settings) => ({
        ...createAwsCloud(settings),
        cloudwatch: createCloudWatch(settings, { requestMs }),
        sns: createSns(settings, { requestMs }),
      }),
    });
  }

  static async create(env: Record<string, string>, { requestMs = 10_000 } = {}): Promise<AlarmsBench> {
    let standIn = cloudWatchStandIn();
    const moto = await startMoto({ standIns: [(...call) => standIn(...call)] });
    const forget = () => {
      standIn = cloudWatchStandIn();
    };
    return new AlarmsBench(await mkdtemp(join(tmpdir(), 'mlops-alarms-')), moto, forget, env, requestMs);
  }

  /** Before each test: an account with nothing in it, and an environment that leads there. */
  async reset(): Promise<void> {
    for (const [name, value] of Object.entries(this.moto.env)) vi.stubEnv(name, value);
    this.moto.faults.length = 0;
    this.#deps.said.length = 0;
    this.#forget();
    await fetch(`${this.moto.url}/moto-api/reset`, { method: 'POST' });
  }

  /** Writes what a load function and the CloudWatch agent send: alarms are made on metrics that are there. */
  async emit({ slos = ['availability', 'latency', 'fast'], more = {} } = {}): Promise<void> {
    const metric = (MetricName: string, dimensions: Record<string, string>) => {
      const Dimensions = Object.entries({ ...dimensions, ...more }).map(([Name, Value]) => ({
        Name,
        Value: String(Value),
      }));
      return { MetricName, Dimensions, Value: 0 };
    };
    const counters = slos.map((slo) => {
      return metric('mlops_slo_requests_total', { Namespace: 'default', Service: 'demo', slo });
    });
    const loads = ['LoadsFailed', 'LoadsRefused'].map((name) => metric(name, { Project: 'demo' }));
    const MetricData = [...loads, ...counters];
    await new CloudWatchClient(this.settings).send(new PutMetricDataCommand({ Namespace: 'mlops', MetricData }));
  }

  async dispose(): Promise<void> {
    await this.moto.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** What a person was told. */
  get said(): readonly string[] {
    return this.#deps.said;
  }

  configure(alarms: string, outputs?: Readonly<Record<string, unknown>>) {
    return writeAlarmsProject(this.dir, alarms, outputs);
  }

  /** Runs the built `mlops alarms ... --json` and expects this exit code. */
  async cli<T>(exitCode: number, ...args: string[]): Promise<T> {
    const done = await mlops(['alarms', ...args, '--json'], { cwd: this.dir, env: this.#env });
    expect(done.exitCode, `${done.stdout}${done.stderr}`).toBe(exitCode);
    expect(`${done.stdout}${done.stderr}`).not.toContain('0123456789abcdef');
    return JSON.parse(done.stdout) as T;
  }

  async apply({ prune = false } = {}) {
    return await applyAlarms({ project: await loadProject(this.dir), dryRun: false, prune }, this.#deps);
  }

  async list() {
    return await listAlarms(await loadProject(this.dir), this.#deps);
  }

  async test(name: string) {
    return await testAlarm({ project: await loadProject(this.dir), name, timeoutMs: 30_000 }, this.#deps);
  }

  async delete(names: readonly string[], { topic = false } = {}) {
    return await deleteAlarms({ project: await loadProject(this.dir), names, topic, dryRun: false }, this.#deps);
  }

  /** Names of all alarms of the account, whoever made them. */
  async alarmNames(): Promise<string[]> {
    const client = new CloudWatchClient(this.settings);
    const AlarmTypes: AlarmType[] = ['MetricAlarm', 'CompositeAlarm'];
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new DescribeAlarmsCommand({ AlarmTypes, NextToken }));
      const { MetricAlarms = [], CompositeAlarms = [] } = page;
      names.push(...[...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = '' }) => AlarmName));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return names.sort();
  }

  /** The KMS key of a topic. */
  async keyOf(TopicArn: string) {
    const { Attributes = {} } = await new SNSClient(this.settings).send(new GetTopicAttributesCommand({ TopicArn }));
    const describe = new DescribeKeyCommand({ KeyId: Attributes.KmsMasterKeyId ?? '' });
    return (await new KMSClient(this.settings).send(describe)).KeyMetadata;
  }
}
