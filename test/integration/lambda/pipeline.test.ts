import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/cli.js';
import { missedWords, reading } from '../../support/endpoint/heard.js';
import { pipelineModel, pipelineServices } from '../../support/lambda/services.js';
import { tempDir } from '../../support/temp-dir.js';

describe.skipIf(pipelineModel === undefined)('from a recording in S3 to a row that is queried', () => {
  const services = pipelineServices();

  test.each(['duckdb', 'redshift'] as const)('by the functions, into %s', async (engine) => {
    const cloud = await services.cloud(`calls-${engine}`);
    const dir = await tempDir();
    const env = { ...services.env(engine), MLOPS_WAREHOUSE_ENGINE: engine };
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

    const broken = 'processed/2026-01-31/broken.jsonl';
    await cloud.upload(broken, Buffer.from('{"half":'));
    const loaded = await invoke('load');
    expect(JSON.parse(loaded.whole)).toMatchObject({
      loads: [{ status: 'loaded', counts: { rowsInFiles: 1, inserted: 1 } }],
      refused: [{ source: `s3://${cloud.bucket}/${broken}`, code: 'BAD_RECORD', message: 'Line 1: It is no JSON.' }],
      ...{ failed: [], isMoreLeft: false },
    });
    expect(loaded.exitCode).toBe(1);
    expect(loaded.said).toContain('"LoadsFailed":0,"LoadsRefused":1');
    // All of it once more: the event doubled, the schedule ticking.
    expect(JSON.parse((await invoke('transcribe', event)).whole)).toEqual({ batchItemFailures: [] });
    expect(await cloud.keys('processed/')).toEqual(expect.arrayContaining([broken, ...results]));
    const again = await invoke('load');
    expect(JSON.parse(again.whole)).toMatchObject({ loads: [], refused: [], refusedBefore: 1 });
    expect(again.exitCode).toBe(0);

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
