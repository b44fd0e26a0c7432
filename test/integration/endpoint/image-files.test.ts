import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { speechModelOf } from '../../../src/lib/image/context/image-model.js';
import { packagedFiles } from '../../../src/lib/image/create-deps.js';
import type { SpeechModel } from '../../../src/lib/model/speech-model.js';
import { unpackImage } from '../../support/docker/unpack-image.js';
import { converted, missedWords, reading } from '../../support/endpoint/heard.js';
import { freePort } from '../../support/free-port.js';
import { hasMoto, startMoto } from '../../support/moto.js';
import { hasFfmpeg, hasRecordings } from '../../support/requirements.js';
import { speechModel } from '../../support/speech-model.js';

const model = await speechModel();
const available = hasRecordings() && model !== undefined && process.platform === 'linux';

/** The files of the image in a folder of their own: with nothing of this package, and nothing in node_modules but ONNX Runtime. */
const unpack = () => unpackImage(speechModelOf(model as SpeechModel, packagedFiles.licences));

/** One of the image's programs. Nothing of the environment but what is given, and no home with a cache in it. */
function start(app: string, program: string, variables: Record<string, string>) {
  const child = spawn(process.execPath, [join(app, program)], {
    cwd: '/',
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...variables },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(JSON.parse(line)));
  return { child, ended, lines };
}

describe.skipIf(!available)('the files of the image of a speech model', () => {
  test.skipIf(!hasFfmpeg())('transcribe what every decoder of theirs reads, on their own', async () => {
    const port = await freePort();
    const { child, ended, lines } = start(await unpack(), 'server.mjs', { PORT: `${port}`, MLOPS_DRAIN_DELAY: '0s' });
    await expect.poll(() => lines.map(({ msg }) => msg), { timeout: 20_000 }).toContain('ready');
    const heard: Record<string, number> = {};
    for (const name of ['reading.wav', 'reading.flac', 'reading.mp3', 'reading.ogg', 'reading.opus', 'reading.webm']) {
      const body = new FormData();
      body.append('file', new File([new Uint8Array(await converted(name))], name));
      body.append('response_format', 'text');
      const answer = await fetch(`http://127.0.0.1:${port}/v1/audio/transcriptions`, { method: 'POST', body });
      const text = await answer.text();
      heard[name] = answer.status === 200 ? missedWords(text) : answer.status;
    }
    // One word in ten.
    expect(Object.entries(heard).filter(([, missed]) => missed > 2)).toEqual([]);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines.at(-1)?.msg).toBe('stopped');
  });

  test('refuse a model that is another', async () => {
    const app = await unpack();
    const { appendFile } = await import('node:fs/promises');
    await appendFile(join(app, 'model', 'silero_vad_v6.onnx'), 'x');
    const { ended, lines } = start(app, 'server.mjs', { PORT: '0' });
    expect(await ended).toBe(1);
    expect(lines).toEqual([expect.objectContaining({ level: 'fatal', code: 'MODEL_CHANGED' })]);
  });

  test.skipIf(!hasMoto)('work on a queue, as the worker of the same image', async () => {
    const moto = await startMoto();
    onTestFinished(() => moto.stop());
    const settings = {
      region: 'us-east-1',
      endpoint: moto.url,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    };
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    const sqs = new SQSClient(settings);
    await s3.send(new CreateBucketCommand({ Bucket: 'calls' }));
    const Body = readFileSync(reading);
    await s3.send(new PutObjectCommand({ Bucket: 'calls', Key: 'in/reading.wav', Body }));
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'recordings' }));
    const object = { bucket: { name: 'calls' }, object: { key: 'in/reading.wav', size: Body.length } };
    const MessageBody = JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3: object }] });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

    const { child, ended, lines } = start(await unpack(), 'worker.mjs', {
      ...moto.env,
      MLOPS_TRANSCRIBE_QUEUE: QueueUrl,
      MLOPS_TRANSCRIBE_SOURCES: 's3://calls/in/',
      MLOPS_TRANSCRIBE_OUTPUT: 's3://calls/out/',
      MLOPS_TRANSCRIBE_FORMAT: 'txt',
    });
    const stored = async () => {
      const Key = 'out/reading.wav.txt';
      const found = await s3.send(new GetObjectCommand({ Bucket: 'calls', Key })).catch(() => undefined);
      return (await found?.Body?.transformToString()) ?? '';
    };
    await expect.poll(stored, { timeout: 40_000, interval: 500 }).not.toBe('');
    expect(missedWords(await stored())).toBeLessThanOrEqual(1);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines.map(({ level }) => level)).not.toContain('fatal');
  });
});
