import { setTimeout as sleep } from 'node:timers/promises';
import type { Reporter } from '../base/progress/reporter.js';
import type { Project } from '../project/project.js';
import type { WarehouseDeps } from './settings.js';

/** The doors of the warehouse as they are outside of tests. The SDK of S3 loads when the first object is asked for. */
export function createWarehouseDeps(
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
  reporter: Reporter,
): WarehouseDeps {
  let s3: ReturnType<WarehouseDeps['s3']> | undefined;
  return {
    reporter,
    env,
    baseDir: project.dir,
    s3: () => {
      s3 ??= openS3(project, env);
      return s3;
    },
    configuredRegion: async () => (await import('../platform/aws/region.js')).configuredRegion(),
    sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  };
}

async function openS3({ config }: Project, env: Readonly<Record<string, string | undefined>>) {
  const { createS3Objects } = await import('../platform/aws/s3-objects.js');
  const { configuredRegion } = await import('../platform/aws/region.js');
  const { region, profile } = config.aws ?? {};
  const found = region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || (await configuredRegion()) || 'us-east-1');
  return createS3Objects({ region: found, ...(profile === undefined ? {} : { profile }) });
}
