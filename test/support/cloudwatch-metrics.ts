/**
 * What others send to CloudWatch: namespace, metric, and the sets of dimensions that it is sent with. A query with another set
 * finds nothing, and says nothing. Written down by hand from the sources named, not from our code.
 */
export type Metrics = Readonly<Record<string, readonly (readonly string[])[]>>;

const cluster = ['ClusterName'];
const node = ['NodeName', 'InstanceId', 'ClusterName'];
const namespace = ['Namespace', 'ClusterName'];
const pod = ['PodName', 'Namespace', 'ClusterName'];
const fullPod = ['FullPodName', 'PodName', 'Namespace', 'ClusterName'];
const service = ['Service', 'Namespace', 'ClusterName'];
const ofPods = [pod, cluster, fullPod, service];

/**
 * Container Insights with enhanced observability, by the agent that sends it:
 * github.com/aws/amazon-cloudwatch-agent, translator/translate/otel/exporter/awsemf/kubernetes.go (the metric declarations).
 * Names: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-enhanced-EKS.html
 */
const containerInsights: Metrics = {
  cluster_node_count: [cluster],
  cluster_failed_node_count: [cluster],
  node_cpu_utilization: [node, cluster],
  node_memory_utilization: [node, cluster],
  node_filesystem_utilization: [node, cluster],
  namespace_number_of_running_pods: [namespace, cluster],
  pod_network_rx_bytes: [pod, cluster, service, namespace, fullPod],
  pod_network_tx_bytes: [pod, cluster, service, namespace, fullPod],
  pod_number_of_container_restarts: ofPods,
  pod_status_running: ofPods,
  pod_status_pending: ofPods,
  pod_status_failed: ofPods,
  pod_status_unknown: ofPods,
  pod_status_succeeded: ofPods,
  pod_container_status_waiting_reason_crash_loop_back_off: ofPods,
  status_replicas_unavailable: [pod, cluster],
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
const sqs: Metrics = {
  NumberOfMessagesSent: [['QueueName']],
  ApproximateNumberOfMessagesVisible: [['QueueName']],
  ApproximateNumberOfMessagesNotVisible: [['QueueName']],
  ApproximateAgeOfOldestMessage: [['QueueName']],
};

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
const lambda: Metrics = {
  Invocations: [['FunctionName']],
  Errors: [['FunctionName']],
  Throttles: [['FunctionName']],
  Duration: [['FunctionName']],
  ConcurrentExecutions: [['FunctionName']],
};

/** Ours: the functions of the pipeline, and the scrape of templates/kubernetes/components/cloudwatch/cwagentconfig.json. */
const mlops: Metrics = {
  RecordingsDone: [['Project']],
  RecordingsFailed: [['Project']],
  AudioSeconds: [['Project']],
  LoadsDone: [['Project']],
  LoadsFailed: [['Project']],
  LoadsRefused: [['Project']],
  RowsLoaded: [['Project']],
  mlops_slo_requests_total: [['Namespace', 'Service', 'slo']],
  mlops_slo_good_total: [['Namespace', 'Service', 'slo']],
};

export const cloudWatchMetrics: Readonly<Record<string, Metrics>> = {
  ContainerInsights: containerInsights,
  'AWS/SQS': sqs,
  'AWS/Lambda': lambda,
  mlops,
};

/** Whether somebody sends this metric with exactly these dimensions, in any order. */
export function isSent(namespaceOf: string, name: string, dimensions: readonly string[]): boolean {
  const key = (set: readonly string[]) => [...set].sort().join();
  return (cloudWatchMetrics[namespaceOf]?.[name] ?? []).some((set) => key(set) === key(dimensions));
}
