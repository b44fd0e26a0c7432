import { sloGood, sloRequests } from '../slo/metrics.js';

// Every metric that an alarm or a panel names, by who emits it. A name that stands nowhere else cannot drift.
// Those that the functions of the pipeline emit are in base/pipeline-metrics.ts, because the functions import them too.

/** What `mlops serve` counts (docs/serving.md). Histograms are named without `_bucket`, `_sum` and `_count`. */
export const serving = {
  requests: 'mlops_requests_total',
  requestDuration: 'mlops_request_duration_seconds',
  queueDelay: 'mlops_queue_delay_seconds',
  inferenceDuration: 'mlops_inference_duration_seconds',
  batchRows: 'mlops_batch_rows',
  inFlight: 'mlops_in_flight',
  rejected: 'mlops_rejected_total',
  modelInfo: 'mlops_model_info',
  sloRequests,
  sloGood,
} as const;

/** What prom-client counts for every Node.js process; summed over the workers of a server, the lag is their average. */
export const nodeProcess = {
  cpuSeconds: 'process_cpu_seconds_total',
  residentBytes: 'process_resident_memory_bytes',
  eventLoopLagP99: 'nodejs_eventloop_lag_p99_seconds',
} as const;

export const sqs = {
  namespace: 'AWS/SQS',
  dimension: 'QueueName',
  sent: 'NumberOfMessagesSent',
  visible: 'ApproximateNumberOfMessagesVisible',
  inFlight: 'ApproximateNumberOfMessagesNotVisible',
  /** Seconds. */
  oldestAge: 'ApproximateAgeOfOldestMessage',
} as const;

export const lambda = {
  namespace: 'AWS/Lambda',
  dimension: 'FunctionName',
  invocations: 'Invocations',
  errors: 'Errors',
  throttles: 'Throttles',
  /** Milliseconds. */
  duration: 'Duration',
  concurrent: 'ConcurrentExecutions',
} as const;

/**
 * Container Insights with enhanced observability, which the add-on amazon-cloudwatch-observability sends. A metric exists
 * in the sets of dimensions that stand beside it, and in no others
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-enhanced-EKS.html and
 * github.com/aws/amazon-cloudwatch-agent, translator/translate/otel/exporter/awsemf/kubernetes.go).
 */
export const containerInsights = {
  namespace: 'ContainerInsights',
  cluster: 'ClusterName',
  /** By cluster, and by ClusterName, InstanceId, NodeName. Percent, bytes per second. */
  nodeCpu: 'node_cpu_utilization',
  nodeMemory: 'node_memory_utilization',
  nodeFilesystem: 'node_filesystem_utilization',
  /** By cluster. */
  nodes: 'cluster_node_count',
  failedNodes: 'cluster_failed_node_count',
  /** By cluster, and by ClusterName, Namespace. */
  runningPods: 'namespace_number_of_running_pods',
  /** 1 or 0 for each pod, once a minute: by cluster, and by ClusterName, Namespace, PodName. */
  podRunning: 'pod_status_running',
  podPending: 'pod_status_pending',
  podFailed: 'pod_status_failed',
  podUnknown: 'pod_status_unknown',
  podSucceeded: 'pod_status_succeeded',
  podRestarts: 'pod_number_of_container_restarts',
  /** Containers of the pod that wait in CrashLoopBackOff, once a minute for each pod: the same sets. */
  podCrashLoop: 'pod_container_status_waiting_reason_crash_loop_back_off',
  /** Pods of a Deployment that are not available, once a minute: by cluster, and by ClusterName, Namespace, PodName. */
  replicasUnavailable: 'status_replicas_unavailable',
  /** Bytes per second; by cluster, by ClusterName, Namespace, and by pod. */
  podReceived: 'pod_network_rx_bytes',
  podSent: 'pod_network_tx_bytes',
} as const;
