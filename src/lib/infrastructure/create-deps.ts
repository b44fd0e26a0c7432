import { setTimeout as sleep } from 'node:timers/promises';
import { createAwsCloud } from '../platform/aws/cloud.js';
import { configuredRegion } from '../platform/aws/region.js';
import type { InfrastructureDeps } from './deps.js';
import { packagedTemplates } from './folder/working-folder.js';

type Given = Pick<InfrastructureDeps, 'runner' | 'reporter' | 'confirm' | 'interrupts' | 'show' | 'env'>;

/** The real clouds, clock and templates, beside what the command line brings. */
export function createInfrastructureDeps(given: Given): InfrastructureDeps {
  return {
    ...given,
    aws: createAwsCloud,
    configuredRegion,
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
    templates: packagedTemplates,
  };
}
