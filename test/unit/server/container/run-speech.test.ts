import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { speechDigest } from '../../../../src/lib/model/speech-files.js';
import { parseProject } from '../../../../src/lib/project/parse.js';
import {
  type ResolvedModel,
  readResolvedServing,
  resolvedFileName,
  resolveServing,
} from '../../../../src/lib/project/resolved.js';
import { runWorkerContainer, workerSettings } from '../../../../src/lib/recordings/queue/run-in-container.js';
import { runContainer } from '../../../../src/lib/server/container/run.js';
import { runSpeechContainer } from '../../../../src/lib/server/container/run-speech.js';
import { errorOf } from '../../../support/errors.js';
import { tempDir } from '../../../support/temp-dir.js';

const predictor: ResolvedModel = { name: 'm', version: '1', file: 'model/m.onnx', digest: 'ab', signature: {} };

/** A folder as /app of the image of a speech model is, with files that are no models. */
async function imageRoot(model?: ResolvedModel): Promise<string> {
  const root = await tempDir();
  await mkdir(join(root, 'model'));
  const files = { encoder: 'model/encoder.onnx', decoder: 'model/decoder.onnx', vad: 'model/vad.onnx' };
  for (const file of Object.values(files)) await writeFile(join(root, file), file);
  const { encoder, decoder, vad } = files;
  const digest = await speechDigest({
    encoder: join(root, encoder),
    decoder: join(root, decoder),
    vad: join(root, vad),
  });
  const speech = { kind: 'speech', name: 's', version: '1', digest, language: 'en', license: 'MIT', files } as const;
  await writeFile(join(root, resolvedFileName), JSON.stringify(resolveServing(parseProject(''), model ?? speech)));
  return root;
}

test('an image of a speech model has the default SLOs of speech models, whatever mlops.yaml calls the model', async () => {
  const { slos } = await readResolvedServing(join(await imageRoot(), resolvedFileName));
  expect(slos).toContainEqual(expect.objectContaining({ sli: 'latency', thresholdMs: 30_000 }));
  const predicting = await readResolvedServing(join(await imageRoot(predictor), resolvedFileName));
  expect(predicting.slos).toContainEqual(expect.objectContaining({ sli: 'latency', thresholdMs: 100 }));
});

async function end(run: 'predictions' | 'speech' | 'worker', root: string, env: Record<string, string> = {}) {
  const lines: { code?: string; why?: string; msg?: string }[] = [];
  const take = (line: string) => void lines.push(JSON.parse(line));
  const context = {
    root,
    env: { MLOPS_HOST: '127.0.0.1', MLOPS_PORT: '0', ...env },
    stop: AbortSignal.abort('SIGTERM'),
    logTarget: { write: take },
    writeLine: take,
    workerEntry: 'none',
    threadEntry: join(root, 'none.mjs'),
    machine: { cores: 1, memoryBytes: 2 ** 30 },
  };
  const programs = { predictions: runContainer, speech: runSpeechContainer, worker: runWorkerContainer };
  return { exitCode: await programs[run](context), last: lines.at(-1) };
}

const worker = { MLOPS_TRANSCRIBE_QUEUE: 'https://queue', MLOPS_TRANSCRIBE_OUTPUT: 's3://out' };

test('a program of an image refuses the configuration of another kind', async () => {
  const speech = await imageRoot();
  const predicting = await imageRoot(predictor);
  const why = (text: string) => ({
    exitCode: 2,
    last: expect.objectContaining({ code: 'RESOLVED_UNREADABLE', why: expect.stringContaining(text) }),
  });
  expect(await end('predictions', speech)).toEqual(why('s is a speech model'));
  expect(await end('speech', predicting)).toEqual(why('m is no speech model'));
  expect(await end('worker', predicting, worker)).toEqual(why('m is no speech model'));
});

test('a file of the model that is another one is refused by server and worker', async () => {
  const root = await imageRoot();
  await writeFile(join(root, 'model', 'vad.onnx'), 'another');
  const changed = { exitCode: 1, last: expect.objectContaining({ code: 'MODEL_CHANGED', level: 'fatal' }) };
  expect(await end('speech', root)).toEqual(changed);
  expect(await end('worker', root, worker)).toEqual(changed);
});

test('a worker says which variable it lacks, or cannot read', async () => {
  const root = await imageRoot();
  expect(await end('worker', root)).toEqual({
    exitCode: 2,
    last: expect.objectContaining({ code: 'INVALID_VARIABLE', msg: 'MLOPS_TRANSCRIBE_QUEUE is not set' }),
  });
  for (const wrong of [
    { MLOPS_TRANSCRIBE_OUTPUT: '' },
    { MLOPS_TRANSCRIBE_FORMAT: 'table' },
    { MLOPS_TRANSCRIBE_CONCURRENCY: '0' },
    { MLOPS_TRANSCRIBE_CONCURRENCY: 'many' },
  ]) {
    const error = await errorOf(() => workerSettings({ ...worker, ...wrong }));
    expect(error).toMatchObject({ code: 'INVALID_VARIABLE', exitCode: 2 });
    expect(error.message).toContain(Object.keys(wrong)[0]);
  }
});

test('what a worker works on is in the variables of the command', () => {
  const sources = { MLOPS_TRANSCRIBE_SOURCES: 's3://a/in/  s3://b/', MLOPS_TRANSCRIBE_CONCURRENCY: '3' };
  expect(workerSettings({ ...worker, ...sources, MLOPS_TRANSCRIBE_FORMAT: 'srt' })).toEqual({
    queue: 'https://queue',
    output: 's3://out',
    format: 'srt',
    concurrency: 3,
    sources: ['s3://a/in/', 's3://b/'],
  });
});
