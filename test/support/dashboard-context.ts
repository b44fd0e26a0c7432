import type { DashboardContext } from '../../src/lib/monitoring/dashboards/context.js';
import { defaultSlos } from '../../src/lib/slo/defaults.js';

/** A project on AWS with an SLO of each kind. */
export const dashboardContext = {
  project: 'flight-delay',
  job: 'flight-delay',
  slos: defaultSlos,
  sloCounters: { namespace: 'mlops', dimensions: { Namespace: 'default', Service: 'flight-delay' } },
  aws: {
    region: 'us-east-1',
    cluster: 'flight-delay',
    queue: 'flight-delay-recordings',
    deadLetterQueue: 'flight-delay-recordings-dead-letter',
    functions: ['flight-delay-transcribe', 'flight-delay-load'],
  },
} satisfies DashboardContext;
