import type { AlarmsConfig } from '../../../project/schema-alarms.js';
import { containerInsights as insights } from '../../metric-names.js';
import { periodSeconds, type ThresholdAlarm, thresholdAlarm } from './threshold.js';
import type { GroupPlan, Made, WantedAlarm } from './types.js';

export interface WatchedCluster {
  readonly name: string;
  /** Namespace and Deployment of the service; its pods are watched, those of others are not. */
  readonly namespace: string;
  readonly workload: string;
  /** Whether Container Insights sends metrics of it. */
  readonly hasInsights: boolean;
}

type Settings = Exclude<AlarmsConfig['eks'], boolean | undefined>;

/**
 * CPU and memory of the nodes; restarts, failures and pods that do not run, of the service alone. Alarms that exist stay when
 * CloudWatch has forgotten the metrics: an add-on that died would take them with it.
 */
export function eksAlarms(
  project: string,
  cluster: WatchedCluster | undefined,
  settings: Settings,
  made: Made,
): GroupPlan {
  if (cluster === undefined) {
    return {
      available: false,
      why: 'There is no EKS cluster: none was provisioned, and deploy.cluster names none.',
      actions: ['mlops provision, with infrastructure: { features: { eks: true } }', 'Or name yours in deploy.cluster'],
    };
  }
  const alarms = [...nodeAlarms(project, cluster, settings), ...podAlarms(project, cluster, settings)];
  if (!cluster.hasInsights && !alarms.some(({ input }) => made.has(input.AlarmName ?? ''))) {
    return {
      available: false,
      why: `CloudWatch has no ${insights.namespace} metrics of the cluster ${cluster.name}.`,
      actions: [
        `aws eks create-addon --cluster-name ${cluster.name} --addon-name amazon-cloudwatch-observability`,
        'CloudWatch lists a new metric after up to 15 minutes',
      ],
    };
  }
  return { available: true, alarms };
}

const nodeMinutes = 15;

function nodeAlarms(project: string, { name }: WatchedCluster, { cpu = 0.8, memory = 0.8 }: Settings): WantedAlarm[] {
  const node = (kind: string, what: string, metric: string, share: number) => {
    const above = Number((share * 100).toPrecision(10));
    return thresholdAlarm({
      name: `${project}-${kind}`,
      description: `${what} of at least one node of ${name} was above ${above} % in each of ${nodeMinutes} minutes.`,
      namespace: insights.namespace,
      metric,
      dimensions: { [insights.cluster]: name },
      // Every node sends once a minute into the one metric of the cluster. An average hides one full node among idle
      // ones; by node there would be an alarm for each, and an alarm takes no SEARCH that would find them.
      statistic: 'Maximum',
      above,
      periodSeconds: 60,
      periods: nodeMinutes,
      // Nodes always send: silence is no good news and no bad news, and the alarm says so by its state.
      missing: 'missing',
    });
  };
  return [
    ...(cpu === false ? [] : [node('NodeCpuAlarm', 'CPU', insights.nodeCpu, cpu)]),
    ...(memory === false ? [] : [node('NodeMemoryAlarm', 'Memory', insights.nodeMemory, memory)]),
  ];
}

const notReadyPeriods = 3;

function podAlarms(project: string, cluster: WatchedCluster, settings: Settings): WantedAlarm[] {
  const { restarts = 2, crashLoop = true, notReady = true, failedPods = true, pendingPods = true } = settings;
  const { namespace, workload } = cluster;
  const pods = `pods of ${namespace}/${workload}`;
  const pod = (given: Omit<ThresholdAlarm, 'namespace' | 'dimensions' | 'missing'>) =>
    thresholdAlarm({
      ...given,
      namespace: insights.namespace,
      dimensions: { [insights.cluster]: cluster.name, Namespace: namespace, PodName: workload },
      // A pod that is gone sends nothing.
      missing: 'notBreaching',
    });
  const alarms: WantedAlarm[] = [];
  if (restarts !== false) {
    const description = `Containers of ${pods} were restarted more than ${restarts} times in one hour.`;
    // The agent sends the restarts since it last looked, so they add up. The kubelet waits 10 s before the first restart
    // and twice as long before each further one, up to 5 minutes: within few minutes a crash loop is two restarts.
    const counted = { metric: insights.podRestarts, statistic: 'Sum', above: restarts, periods: 1 } as const;
    alarms.push(pod({ name: `${project}-PodRestartAlarm`, description, ...counted, periodSeconds: 3600 }));
  }
  if (crashLoop) {
    const description = `A container of ${pods} has been in CrashLoopBackOff in two periods of 5 minutes. See: mlops logs --service eks`;
    // Between two waits the container runs for a moment, so each period is asked whether it was seen waiting at all.
    const seen = { metric: insights.podCrashLoop, statistic: 'Maximum', above: 0, periods: 2 } as const;
    alarms.push(pod({ name: `${project}-PodCrashLoopAlarm`, description, severity: 'page', ...seen }));
  }
  if (notReady) {
    const minutes = (notReadyPeriods * periodSeconds) / 60;
    const description = `At least one of the ${pods} has not been ready for ${minutes} minutes without a break.`;
    // The least of each period: a rollout that gets on has moments with every pod ready.
    const seen = { metric: insights.replicasUnavailable, statistic: 'Minimum', above: 0 } as const;
    alarms.push(pod({ name: `${project}-PodNotReadyAlarm`, description, ...seen, periods: notReadyPeriods }));
  }
  if (failedPods) {
    const description = `At least one of the ${pods} has failed.`;
    const seen = { metric: insights.podFailed, statistic: 'Maximum', above: 0, periods: 1 } as const;
    alarms.push(pod({ name: `${project}-PodFailedAlarm`, description, ...seen }));
  }
  if (pendingPods) alarms.push(notRunning(project, cluster, pods));
  return alarms;
}

/** Pods that wait for a node, an image or their volumes, or whose node does not answer. */
function notRunning(project: string, cluster: WatchedCluster, pods: string): WantedAlarm {
  const periods = 3;
  const query = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: insights.namespace,
        MetricName,
        Dimensions: [
          { Name: insights.cluster, Value: cluster.name },
          { Name: 'Namespace', Value: cluster.namespace },
          { Name: 'PodName', Value: cluster.workload },
        ],
      },
      Period: periodSeconds,
      // One sample of each pod, 1 or 0: the minimum of the period would hide one pod among several, the maximum does not.
      Stat: 'Maximum',
    },
  });
  return {
    kind: 'metric',
    severity: 'ticket',
    input: {
      AlarmName: `${project}-PodNotRunningAlarm`,
      AlarmDescription: `At least one of the ${pods} has not been running for ${(periods * periodSeconds) / 60} minutes (pending or unknown).`,
      Metrics: [
        { Id: 'waiting', Label: 'pods not running', Expression: 'FILL(pending,0)+FILL(unknown,0)', ReturnData: true },
        query('pending', insights.podPending),
        query('unknown', insights.podUnknown),
      ],
      EvaluationPeriods: periods,
      DatapointsToAlarm: periods,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    },
  };
}
