import type { Kubectl } from '../../platform/kubernetes/kubectl.js';

export interface FoundService {
  readonly metadata: { readonly namespace?: string; readonly name: string };
  readonly spec: { readonly type?: string; readonly ports?: readonly { readonly port: number }[] };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** Load balancers take a minute or two. */
const longestWaitMs = 180_000;

/** Where clients reach a Service; undefined while its load balancer has no address. */
export function endpointOf(service: FoundService, namespace: string): string | undefined {
  const port = service.spec.ports?.[0]?.port ?? 80;
  const suffix = port === 80 ? '' : `:${port}`;
  if (service.spec.type !== 'LoadBalancer') return `http://${service.metadata.name}.${namespace}.svc${suffix}`;
  const [first] = service.status?.loadBalancer?.ingress ?? [];
  const host = first?.hostname ?? first?.ip;
  return host === undefined ? undefined : `http://${host}${suffix}`;
}

/** Waits for the address of a load balancer, up to three minutes. */
export async function waitForEndpoint(
  kubectl: Kubectl,
  name: string,
  options: {
    now: () => number;
    sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
    pollMs: number;
    stop: AbortSignal;
  },
): Promise<string | undefined> {
  const begun = options.now();
  for (;;) {
    const service = await kubectl.find<FoundService>('Reading the Service', ['service', name]);
    if (service === undefined) return undefined;
    const endpoint = endpointOf(service, kubectl.namespace);
    if (endpoint !== undefined || options.stop.aborted || options.now() - begun > longestWaitMs) return endpoint;
    await options.sleep(options.pollMs, options.stop).catch(() => {});
  }
}
