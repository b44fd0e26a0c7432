import { setTimeout as sleep } from 'node:timers/promises';
import { createAwsCloud } from '../../platform/aws/cloud.js';
import type { AlarmsDeps } from './deps.js';

type Given = Pick<AlarmsDeps, 'reporter' | 'confirm' | 'show' | 'env' | 'stop'>;

/** The real cloud and clock, beside what the command line brings. */
export function createAlarmsDeps(given: Given): AlarmsDeps {
  return {
    ...given,
    aws: createAwsCloud,
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  };
}
