import { UsageError } from '../base/errors/mlops-error.js';
import type { CloudWatchSource } from './compile/cloudwatch.js';

/** What is known about where the server runs; plain values, so that this layer needs no project. */
export interface SloSite {
  /** The project, which is also what the server is called on a cluster. */
  readonly name: string;
  readonly target: 'docker' | 'eks' | 'gke' | 'cloud-run' | undefined;
  readonly namespace: string | undefined;
  /** Names of the components that the manifests in deploy/kubernetes switch on. */
  readonly components: readonly string[];
}

export type SourceOf<T> =
  | { readonly available: true; readonly from: string; readonly source: T }
  | { readonly available: false; readonly why: string; readonly actions: readonly string[] };

/** Where each kind of target gets the numbers of the SLOs from. */
export interface SloSources {
  readonly loadTest: SourceOf<undefined>;
  readonly prometheus: SourceOf<undefined>;
  readonly cloudwatch: SourceOf<CloudWatchSource>;
}

/** Set in templates/kubernetes/components/cloudwatch/cwagentconfig.json. */
const cloudWatchNamespace = 'mlops';
const defaultNamespace = 'default';

/**
 * Which targets have numbers at all. What has none is refused: an alarm on a metric that nobody sends looks like one that
 * watches. The table in docs/slo.md is this function in words.
 */
export function sloSources(site: SloSite): SloSources {
  return {
    loadTest: { available: true, from: 'the load test itself, request by request', source: undefined },
    prometheus: prometheus(site),
    cloudwatch: cloudWatch(site),
  };
}

/** The source, or UsageError `SLO_NO_SOURCE`. @param what what cannot be made, such as `Alarms on SLOs` */
export function requireSource<T>(what: string, source: SourceOf<T>): T {
  if (source.available) return source.source;
  throw new UsageError(`${what} would have no numbers`, {
    code: 'SLO_NO_SOURCE',
    why: source.why,
    actions: source.actions,
  });
}

/**
 * The label `namespace` of the scrape, undefined if it decides nothing: outside of Kubernetes there is none.
 * @param given before that of the site; empty for the servers of all namespaces
 */
export function scrapedNamespace({ target, namespace }: SloSite, given: string | undefined): string | undefined {
  if (given !== undefined) return given === '' ? undefined : given;
  return target === 'eks' || target === 'gke' ? (namespace ?? defaultNamespace) : undefined;
}

function prometheus({ target, components }: SloSite): SourceOf<undefined> {
  if (target === 'cloud-run') {
    return {
      available: false,
      why: 'Cloud Run spreads requests over instances that Prometheus cannot reach one by one: a scrape of the service meets any one of them.',
      actions: ['Deploy to docker, eks or gke, or leave out Prometheus'],
    };
  }
  const operator = components.includes('pod-monitor')
    ? ', found by the Prometheus operator (component pod-monitor)'
    : '';
  return { available: true, from: `a Prometheus that scrapes /metrics of every server${operator}`, source: undefined };
}

function cloudWatch({ name, target, namespace, components }: SloSite): SourceOf<CloudWatchSource> {
  if (target !== 'eks') {
    return {
      available: false,
      why: `Only on EKS the CloudWatch agent brings the counters of the SLOs to CloudWatch; deploy.target is ${target ?? 'not set'}.`,
      actions: ['Set deploy.target: eks in mlops.yaml, or use mlops slo rules with Prometheus'],
    };
  }
  if (!components.includes('cloudwatch')) {
    return {
      available: false,
      why: 'deploy/kubernetes/overlay/kustomization.yaml does not switch on the component cloudwatch, so the CloudWatch agent has no scrape of the servers.',
      actions: [
        'Take the # away before ../components/cloudwatch in deploy/kubernetes/overlay/kustomization.yaml, then: mlops deploy --target eks',
      ],
    };
  }
  return {
    available: true,
    from: "the CloudWatch agent's scrape of /metrics (component cloudwatch)",
    source: {
      namespace: cloudWatchNamespace,
      dimensions: { Namespace: namespace ?? defaultNamespace, Service: name },
    },
  };
}
