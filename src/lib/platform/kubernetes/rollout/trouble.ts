import type { ContainerStatus, Pod, ReplicaSet } from './types.js';

/** What keeps a pod from being ready, in words. */
export interface Trouble {
  readonly pod: string | undefined;
  /** Where to look for more: the last words of this container are in its log. */
  readonly container?: string;
  readonly text: string;
  /** Waiting will not help: the image, the configuration or the program has to change. */
  readonly isFinal: boolean;
  readonly kind: 'image' | 'memory' | 'crash' | 'config' | 'unschedulable' | 'not-created' | 'probe';
}

const imageReasons =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable)$/;
const configReasons = /^(CreateContainerConfigError|CreateContainerError|RunContainerError|StartError)$/;
/** A program that failed this often is not going to work the next time. */
const hopelessRestarts = 2;

/** The troubles of the pods of one ReplicaSet, and of what kept it from making pods. */
export function findTroubles(replicaSet: ReplicaSet | undefined, pods: readonly Pod[]): Trouble[] {
  const failure = replicaSet?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  const notCreated: Trouble[] = failure === undefined ? [] : [cannotCreate(failure.message ?? 'no reason given')];
  return [...notCreated, ...pods.flatMap((pod) => troubleOf(pod) ?? [])];
}

function cannotCreate(message: string): Trouble {
  const base = { pod: undefined, isFinal: true, kind: 'not-created' } as const;
  if (message.includes('exceeded quota')) return { ...base, text: `the namespace's quota is used up: ${message}` };
  if (message.includes('violates PodSecurity')) return { ...base, text: `Pod Security refuses the pod: ${message}` };
  if (message.includes('error looking up service account'))
    return { ...base, text: `the service account is missing: ${message}` };
  return { ...base, text: `pods cannot be created: ${message}` };
}

function troubleOf(pod: Pod): Trouble | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  const { name } = pod.metadata;
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return {
      pod: name,
      kind: 'unschedulable',
      isFinal: false,
      text: `no node has room for it: ${scheduled.message ?? scheduled.reason}`,
    };
  }
  if (pod.status?.phase === 'Failed' && pod.status.reason !== undefined) {
    const { reason, message = '' } = pod.status;
    return { pod: name, kind: 'crash', isFinal: false, text: `the node ended it: ${reason} ${message}`.trim() };
  }
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const status of statuses) {
    const found = containerTrouble(pod, status);
    if (found !== undefined) return { pod: name, container: status.name, ...found };
  }
  return undefined;
}

function containerTrouble(pod: Pod, status: ContainerStatus): Omit<Trouble, 'pod'> | undefined {
  const waiting = status.state?.waiting;
  const reason = waiting?.reason ?? '';
  if (imageReasons.test(reason)) {
    const image = pod.spec.containers.find(({ name }) => name === status.name)?.image ?? status.image ?? '';
    return {
      kind: 'image',
      isFinal: true,
      text: `the image ${image} cannot be pulled: ${pullWords(waiting?.message, reason)}`,
    };
  }
  if (configReasons.test(reason)) {
    return { kind: 'config', isFinal: true, text: `the container cannot be started: ${waiting?.message ?? reason}` };
  }
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (ended !== undefined && status.restartCount > 0) {
    const isFinal = status.restartCount >= hopelessRestarts;
    if (ended.reason === 'OOMKilled') {
      const limit = pod.spec.containers.find(({ name }) => name === status.name)?.resources?.limits?.memory;
      const text = `killed for memory (OOMKilled)${limit === undefined ? '' : ` at its limit of ${limit}`}, ${times(status)}`;
      return { kind: 'memory', isFinal, text };
    }
    const how = `exit code ${ended.exitCode}${ended.message ? `, ${ended.message.trim()}` : ''}`;
    return { kind: 'crash', isFinal, text: `the program ends again and again (${times(status)}): ${how}` };
  }
  return undefined;
}

function pullWords(message: string | undefined, reason: string): string {
  if (message === undefined || message === '') return reason;
  if (/not found|manifest unknown|name unknown/i.test(message)) return `the registry does not have it (${message})`;
  if (/unauthorized|denied|authentication required|no basic auth/i.test(message)) {
    return `the registry does not let the node in (${message})`;
  }
  return message;
}

function times({ restartCount }: ContainerStatus): string {
  return restartCount === 1 ? 'restarted once' : `restarted ${restartCount} times`;
}
