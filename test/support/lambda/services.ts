import { afterAll, beforeAll } from 'vitest';
import { hasMoto, type Moto, startMoto } from '../moto.js';
import { type RedshiftStandIn, startRedshift } from '../redshift/server.js';
import { hasRecordings } from '../requirements.js';
import { speechModel } from '../speech-model.js';
import { PipelineCloud } from './cloud.js';

/** What a test of the pipeline needs beside Node: moto, a real recording, and the model. */
export const pipelineModel = hasMoto && hasRecordings() ? await speechModel() : undefined;

/** S3 and SQS by moto, and the stand-in for Redshift that reads what lies there, for the tests of a `describe`. */
export function pipelineServices() {
  let moto: Moto;
  let redshift: RedshiftStandIn;
  let cloud: PipelineCloud | undefined;
  beforeAll(async () => {
    moto = await startMoto();
    redshift = await startRedshift(async (bucket, key) => await cloud?.text(key, bucket));
  });
  afterAll(async () => {
    await redshift?.stop();
    await moto?.stop();
  });
  return {
    /** A bucket and a queue of its own for each test. */
    async cloud(bucket: string): Promise<PipelineCloud> {
      cloud = await PipelineCloud.create(moto, bucket);
      return cloud;
    },
    /** The variables that lead a function, or the command line, to the cloud that was made last. */
    env: (engine: 'duckdb' | 'redshift'): Record<string, string> => ({
      ...moto.env,
      S3_BUCKET: cloud?.bucket ?? '',
      ...(engine === 'redshift' && {
        AWS_ENDPOINT_URL_REDSHIFT_DATA: redshift.url,
        REDSHIFT_WORKGROUP: 'calls',
        REDSHIFT_COPY_ROLE_ARN: 'arn:aws:iam::123456789012:role/calls-warehouse-copy',
      }),
    }),
  };
}
