import { type AwsNames, stableUid } from '../dashboards/context.js';
import { FromEnvironment } from './document.js';

/** A data source as Grafana's files and its HTTP API both take it. */
export interface DataSource {
  readonly name: string;
  readonly uid: string;
  readonly type: 'prometheus' | 'cloudwatch';
  readonly access: 'proxy';
  readonly url?: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

export interface DataSourceOptions {
  readonly project: string;
  /** Undefined: not known here. */
  readonly prometheusUrl: string | undefined;
  readonly aws: AwsNames | undefined;
}

/** Those whose place is known. CloudWatch logs in as Grafana's own role: no key is kept anywhere. */
export function dataSources({ project, prometheusUrl, aws }: DataSourceOptions): DataSource[] {
  const found: DataSource[] = [];
  if (prometheusUrl !== undefined) found.push({ ...prometheusSource(project), url: prometheusUrl });
  if (aws !== undefined) {
    found.push({
      name: `${project} CloudWatch`,
      uid: stableUid(project, 'cloudwatch'),
      type: 'cloudwatch',
      access: 'proxy',
      jsonData: { authType: 'default', defaultRegion: aws.region },
    });
  }
  return found;
}

/** As a provisioning file. Where Prometheus is, Grafana's environment says if mlops.yaml does not. */
export function dataSourcesDocument(options: DataSourceOptions): object {
  const known = dataSources(options);
  const prometheus = known.some(({ type }) => type === 'prometheus')
    ? []
    : [{ ...prometheusSource(options.project), url: new FromEnvironment('MLOPS_PROMETHEUS_URL') }];
  return {
    apiVersion: 1,
    prune: true,
    datasources: [...prometheus, ...known].map((source) => ({ ...source, orgId: 1, editable: false })),
  };
}

function prometheusSource(project: string): DataSource {
  return {
    name: `${project} Prometheus`,
    uid: stableUid(project, 'prometheus'),
    type: 'prometheus',
    access: 'proxy',
    jsonData: { timeInterval: '15s', httpMethod: 'POST' },
  };
}
