import * as Flags from '@oclif/core/flags';

/** Flags that say which servers Prometheus knows as the project's, the same for dashboards and for rules. */
export const scrapeFlags = {
  job: Flags.string({
    summary: 'label job under which Prometheus scrapes the servers [default: the name of the project]',
    env: 'MLOPS_SLO_JOB',
  }),
  namespace: Flags.string({
    summary:
      "label namespace under which Prometheus scrapes the servers, '' for all of them together [default: that of deploy on eks and gke]",
    env: 'MLOPS_SLO_NAMESPACE',
  }),
};
