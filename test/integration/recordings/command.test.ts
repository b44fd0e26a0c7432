import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { transcriptRecord } from '../../../src/lib/transcript/record.js';
import { type CliResult, runCli } from '../../support/cli.js';
import { hasMoto, startMoto } from '../../support/moto.js';
import { created } from '../../support/recordings/fake-queue.js';
import { hasRecordings, recordingsFolder } from '../../support/requirements.js';
import { speechModel } from '../../support/speech-model.js';
import { tempDir } from '../../support/temp-dir.js';

const bin = join(import.meta.dirname, '..', '..', '..', 'bin', 'run.js');
const cards = join(recordingsFolder, 'cards');
const canRun = hasRecordings() && (await speechModel()) !== undefined;

const { MLOPS_CACHE = '', XDG_CACHE_HOME = '' } = process.env;
const env: Record<string, string> = { MLOPS_CACHE, XDG_CACHE_HOME };

function transcribe(cwd: string, ...args: string[]): Promise<CliResult> {
  return runCli(['transcribe', '--offline', ...args], { cwd, env });
}

function start(cwd: string, args: string[], more: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [bin, 'transcribe', '--offline', ...args], {
    cwd,
    env: { ...process.env, ...env, ...more, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function folderOfCards(): Promise<string> {
  const cwd = await tempDir();
  await mkdir(join(cwd, 'rec'));
  for (let n = 1; n <= 5; n += 1) await copyFile(join(cards, `00${n}.wav`), join(cwd, 'rec', `00${n}.wav`));
  return cwd;
}

describe.skipIf(!canRun)('mlops transcribe, built and with its model', () => {
  test('what is no recording, or not all of one, fails by name; the others become text', async () => {
    const cwd = await folderOfCards();
    const rec = (name: string) => join(cwd, 'rec', name);
    await writeFile(rec('empty.wav'), '');
    await writeFile(rec('text.wav'), 'This is no audio.\n');
    await copyFile(rec('001.wav'), rec('cut.wav'));
    await truncate(rec('cut.wav'), 20_000);
    await copyFile(rec('001.wav'), rec('called.mp3'));
    // The header says 0.1 s, and that is there.
    const short = (await readFile(rec('001.wav'))).subarray(0, 44 + 3200);
    short.writeUInt32LE(36 + 3200, 4);
    short.writeUInt32LE(3200, 40);
    await writeFile(rec('short.wav'), short);
    const { stdout, stderr, exitCode } = await transcribe(cwd, 'rec', '--json');
    const { records, failed, skipped } = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(failed.map(({ source, code }: Record<string, string>) => `${source} ${code}`).sort()).toEqual([
      'rec/cut.wav AUDIO_TRUNCATED',
      'rec/empty.wav AUDIO_EMPTY',
      'rec/text.wav AUDIO_UNKNOWN',
    ]);
    expect(skipped).toEqual([]);
    const names = records.map(({ source }: { source: string }) => source);
    expect(names).toEqual([
      ...['001', '002', '003', '004', '005'].map((n) => `rec/${n}.wav`),
      'rec/called.mp3',
      'rec/short.wav',
    ]);
    for (const one of records) expect(transcriptRecord.parse(one)).toEqual(one);
    const texts = Object.fromEntries(records.map(({ source, text }: Record<string, string>) => [source, text]));
    expect(texts['rec/001.wav']).toMatch(/ten of clubs/i);
    expect(texts['rec/called.mp3']).toBe(texts['rec/001.wav']);
    expect(texts['rec/short.wav']).toBe('');
    expect(stderr).toContain('Warning: rec/cut.wav is cut off');
    // As lines: stdout has what became text, stderr what did not, and nothing is left in a file.
    const lines = await transcribe(cwd, 'rec/001.wav', 'rec/empty.wav', 'rec/text.wav');
    expect(lines.exitCode).toBe(1);
    expect(
      lines.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).source),
    ).toEqual(['rec/001.wav']);
    expect(lines.stderr.match(/^Warning: rec\/\w+\.wav/gm)?.sort()).toEqual([
      'Warning: rec/empty.wav',
      'Warning: rec/text.wav',
    ]);
    expect(await readdir(cwd)).toEqual(['rec']);
  });

  test('killed in the middle and run again: nothing is lost, half or done twice', async () => {
    const cwd = await folderOfCards();
    const args = ['rec', '--output', 'out', '--format', 'json', '--concurrency', '1'];
    const child = start(cwd, args);
    // The first result is announced: the second recording is under work.
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const before = (await readdir(join(cwd, 'out'))).filter((name) => name.endsWith('.json'));
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(5);
    const kept = new Map<string, string>();
    for (const name of before) {
      const text = await readFile(join(cwd, 'out', name), 'utf8');
      expect(transcriptRecord.safeParse(JSON.parse(text)).success).toBe(true);
      kept.set(name, text);
    }
    const again = JSON.parse((await transcribe(cwd, ...args, '--json')).stdout);
    expect(again.records.length + again.skipped.length).toBe(5);
    // One may have had its name already, and not yet the line that says so.
    expect(before.length - again.skipped.length).toBeLessThanOrEqual(1);
    const after = (await readdir(join(cwd, 'out'))).filter((name) => name.endsWith('.json'));
    expect(after).toEqual(['001', '002', '003', '004', '005'].map((n) => `${n}.wav.json`));
    for (const { source } of again.skipped) {
      const name = `${source.slice('rec/'.length)}.json`;
      expect(await readFile(join(cwd, 'out', name), 'utf8')).toBe(kept.get(name));
    }
    expect(await readdir(join(cwd, 'out', '.mlops-transcribe'))).toEqual(['ledger.jsonl']);
  });

  test('two runs at once share a folder', async () => {
    const cwd = await folderOfCards();
    const args = ['rec', '--output', 'out', '--format', 'srt', '--concurrency', '1'];
    const runs = await Promise.all([transcribe(cwd, ...args), transcribe(cwd, ...args)]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(await readdir(join(cwd, 'out'))).toEqual([
      '.mlops-transcribe',
      ...['001', '002', '003', '004', '005'].map((n) => `${n}.wav.srt`),
    ]);
    expect(await readFile(join(cwd, 'out/001.wav.srt'), 'utf8')).toMatch(
      /^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nTen/,
    );
    expect(await readdir(join(cwd, 'out', '.mlops-transcribe'))).toEqual(['ledger.jsonl']);
  });

  test('Ctrl-C ends it with what is done, exit 130; a reader that goes away ends it quietly', async () => {
    const cwd = await folderOfCards();
    const child = start(cwd, ['rec', '--format', 'txt', '--concurrency', '1']);
    let stderr = '';
    child.stderr?.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGINT');
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/[1-4] recordings? transcribed/);

    const piped = start(cwd, ['rec', '--format', 'jsonl', '--concurrency', '1']);
    await once(piped.stdout as NodeJS.ReadableStream, 'data');
    piped.stdout?.destroy();
    const [pipedCode] = await once(piped, 'close');
    expect(pipedCode).toBe(0);
  });

  test.skipIf(!hasMoto)('S3 to S3, then a worker on a queue, which SIGTERM ends with exit 0', async () => {
    const moto = await startMoto();
    onTestFinished(() => moto.stop());
    const settings = {
      endpoint: moto.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    };
    const [s3, sqs] = [new S3Client(settings), new SQSClient(settings)];
    const key = 'in/ä b+c 🎧.wav';
    for (const Bucket of ['calls', 'texts']) await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket: 'calls', Key: key, Body: await readFile(join(cards, '001.wav')) }));
    const cwd = await tempDir();
    const run = (...args: string[]) =>
      runCli(['transcribe', '--offline', ...args], { cwd, env: { ...env, ...moto.env } });
    const text = async (Key: string) =>
      await (await s3.send(new GetObjectCommand({ Bucket: 'texts', Key }))).Body?.transformToString();

    const args = ['s3://calls/in/', '--output', 's3://texts/done', '--format', 'txt'];
    expect(await run(...args)).toMatchObject({ exitCode: 0, stdout: 's3://texts/done/ä b+c 🎧.wav.txt\n' });
    expect(await text('done/ä b+c 🎧.wav.txt')).toMatch(/ten of clubs/i);
    expect((await run(...args)).stderr).toContain('Nothing transcribed · 1 done before');
    const missing = await run('s3://calls/in/', '--output', 's3://never-was/x');
    expect([missing.exitCode, missing.stderr.includes('NoSuchBucket')]).toEqual([1, true]);

    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'calls' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(created(['calls', key])) }));
    const worker = start(cwd, ['--queue', QueueUrl, '--output', 's3://texts/queued', '--json'], moto.env);
    const [line] = (await once(worker.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    expect(JSON.parse(line.toString())).toMatchObject({ status: 'stored', source: `s3://calls/${key}` });
    worker.kill('SIGTERM');
    expect((await once(worker, 'close'))[0]).toBe(0);
    expect(JSON.parse((await text(`queued/${key}.jsonl`)) ?? '').text).toMatch(/ten of clubs/i);
  });
});
