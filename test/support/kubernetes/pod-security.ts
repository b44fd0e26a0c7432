import type { Manifest } from './check-manifest.js';

interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly procMount?: string;
  readonly seccompProfile?: { readonly type?: string };
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly appArmorProfile?: { readonly type?: string };
  readonly windowsOptions?: { readonly hostProcess?: boolean };
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly sysctls?: readonly { readonly name: string }[];
}

interface Container {
  readonly name: string;
  readonly ports?: readonly { readonly hostPort?: number }[];
  readonly securityContext?: SecurityContext;
}

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly (object & { readonly name: string })[];
}

const volumeTypes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);
const seLinuxTypes = new Set(['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
const seccompTypes = new Set(['RuntimeDefault', 'Localhost']);

/** Every pod template of the manifests, with the object that it is in. */
export function podTemplates(objects: readonly Manifest[]): { readonly of: string; readonly spec: PodSpec }[] {
  return objects.flatMap((object) => {
    const spec = object.spec as { template?: { spec?: PodSpec }; jobTemplate?: { spec?: { template?: object } } };
    const template = spec?.template ?? (spec?.jobTemplate?.spec?.template as { spec?: PodSpec } | undefined);
    return template?.spec === undefined ? [] : [{ of: object.kind, spec: template.spec }];
  });
}

/**
 * What the Pod Security Standard `restricted` has against a pod.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function restrictedProblems(pod: PodSpec): string[] {
  const problems: string[] = [];
  const refuse = (isBad: boolean, what: string) => void (isBad && problems.push(what));
  refuse(pod.hostNetwork === true, 'hostNetwork');
  refuse(pod.hostPID === true, 'hostPID');
  refuse(pod.hostIPC === true, 'hostIPC');
  for (const { name, ...source } of pod.volumes ?? []) {
    refuse(!Object.keys(source).every((type) => volumeTypes.has(type)), `the type of volume ${name}`);
  }
  refuse((pod.securityContext?.sysctls ?? []).length > 0, 'sysctls');
  problems.push(...contextProblems(pod.securityContext ?? {}, 'pod'));
  for (const container of [...(pod.containers ?? []), ...(pod.initContainers ?? [])]) {
    problems.push(...containerProblems(container, pod.securityContext ?? {}));
  }
  return problems;
}

function contextProblems(context: SecurityContext, where: string): string[] {
  const { seLinuxOptions: linux, appArmorProfile: armor, windowsOptions: windows } = context;
  const checks: [boolean, string][] = [
    [context.runAsUser === 0, 'runAsUser 0'],
    [linux?.type !== undefined && !seLinuxTypes.has(linux.type), 'the SELinux type'],
    [linux?.user !== undefined || linux?.role !== undefined, 'the SELinux user or role'],
    [armor?.type === 'Unconfined', 'AppArmor unconfined'],
    [windows?.hostProcess === true, 'hostProcess'],
    [context.seccompProfile !== undefined && !seccompTypes.has(context.seccompProfile.type ?? ''), 'seccomp'],
  ];
  return checks.flatMap(([isBad, what]) => (isBad ? [`${where}: ${what}`] : []));
}

function containerProblems({ name, ports = [], securityContext: own = {} }: Container, pod: SecurityContext) {
  const { add = [], drop = [] } = own.capabilities ?? {};
  const seccomp = (own.seccompProfile ?? pod.seccompProfile)?.type ?? '';
  const checks: [boolean, string][] = [
    [own.privileged === true, 'privileged'],
    [own.allowPrivilegeEscalation !== false, 'allowPrivilegeEscalation'],
    [(own.runAsNonRoot ?? pod.runAsNonRoot) !== true, 'runAsNonRoot'],
    [!seccompTypes.has(seccomp), 'seccomp'],
    [!drop.includes('ALL'), 'capabilities are not dropped'],
    [add.some((one) => one !== 'NET_BIND_SERVICE'), 'capabilities are added'],
    [(own.procMount ?? 'Default') !== 'Default', 'procMount'],
    [ports.some(({ hostPort = 0 }) => hostPort !== 0), 'hostPort'],
  ];
  const found = checks.flatMap(([isBad, what]) => (isBad ? [`${name}: ${what}`] : []));
  return [...found, ...contextProblems(own, name)];
}
