import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.js';
import { missedWords, reading } from '../../support/endpoint/heard.js';
import { PipelineCloud } from '../../support/lambda/cloud.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';
import { type RedshiftStandIn, startRedshift } from '../../support/redshift/server.js';
import { hasRecordings } from '../../support/requirements.js';
import { speechModel } from '../../support/speech-model.js';
import { tempDir } from '../../support/temp-dir.js';

const available = hasMoto && hasRecordings() && (await speechModel()) !== undefined;

describe.skipIf(!available)('from a recording in S3 to a row that is queried', () => {
  let moto: Moto;
  let redshift: RedshiftStandIn;
  let cloud: PipelineCloud;
  beforeAll(async () => {
    moto = await startMoto();
    redshift = await startRedshift(async (bucket, key) => await cloud.text(key, bucket));
  });
  afterAll(async () => {
    await redshift?.stop();
    await moto?.stop();
  });

  test.each(['duckdb', 'redshift'])('by the functions, into %s', async (engine) => {
    cloud = await PipelineCloud.create(moto, `calls-${engine}`);
    const dir = await tempDir();
    const env = {
      ...moto.env,
      S3_BUCKET: cloud.bucket,
      MLOPS_WAREHOUSE_ENGINE: engine,
      ...(engine === 'duckdb'
        ? {}
        : {
            AWS_ENDPOINT_URL_REDSHIFT_DATA: redshift.url,
            REDSHIFT_WORKGROUP: 'calls',
            REDSHIFT_COPY_ROLE_ARN: 'arn:aws:iam::123456789012:role/calls-warehouse-copy',
          }),
    };
    const mlops = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await runCli([...args, '--json'], { cwd: dir, env });
      if (exitCode === 2 || exitCode === 70) throw new Error(`${stdout}\n${stderr}`);
      return { exitCode, said: stderr, json: stdout.split('\n').filter(Boolean), whole: stdout };
    };
    const invoke = async (name: string, event?: unknown) => {
      if (event === undefined) return await mlops('lambda', 'invoke', name);
      await writeFile(join(dir, 'event.json'), JSON.stringify(event));
      return await mlops('lambda', 'invoke', name, '--event', 'event.json');
    };

    await cloud.upload('recordings/sense & sensibility.wav', reading);
    await cloud.upload('recordings/not audio.wav', Buffer.from('<html>no such page</html>'));
    const event = await cloud.event();
    // The test event of S3 and one for each upload.
    expect(event.Records.length).toBeGreaterThanOrEqual(2);
    const transcribed = await invoke('transcribe', event);
    expect(JSON.parse(transcribed.whole)).toEqual({ batchItemFailures: [] });
    expect(transcribed.said).toContain('"RecordingsDone":1,"RecordingsFailed":1');
    const results = await cloud.keys('processed/');
    expect(results).toEqual([expect.stringMatching(/^processed\/\d{4}-\d\d-\d\d\/[0-9a-f]{32}\.jsonl$/)]);
    const [failed = ''] = await cloud.keys('failed/');
    expect(JSON.parse((await cloud.text(failed)) ?? '')).toMatchObject({ key: 'recordings/not audio.wav' });
    // What the function wrote is announced to nobody.
    expect((await cloud.event()).Records).toEqual([]);

    expect(JSON.parse((await invoke('load')).whole)).toMatchObject({
      loads: [{ status: 'loaded', counts: { rowsInFiles: 1, inserted: 1 } }],
      failed: [],
      isMoreLeft: false,
    });
    // All of it once more: the event doubled, the schedule ticking.
    expect(JSON.parse((await invoke('transcribe', event)).whole)).toEqual({ batchItemFailures: [] });
    expect(await cloud.keys('processed/')).toEqual(results);
    expect(JSON.parse((await invoke('load')).whole)).toMatchObject({ loads: [] });

    const { json } = await mlops('warehouse', 'query', 'SELECT id, text, source FROM transcription_results');
    const rows = json.map((line) => JSON.parse(line) as { id: string; text: string; source: string });
    expect(rows).toEqual([
      expect.objectContaining({
        id: results[0]?.slice(-38, -6),
        source: `s3://${cloud.bucket}/recordings/sense & sensibility.wav`,
      }),
    ]);
    expect(missedWords(rows[0]?.text ?? '')).toBeLessThanOrEqual(1);
  });
});
