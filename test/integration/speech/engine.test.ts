import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { syntheticVoice } from '../../../src/lib/deploy/golden/voice.js';
import type { SpeechModel } from '../../../src/lib/model/speech-model.js';
import { createSpeechEngine } from '../../../src/lib/speech/engine.js';
import { errorOf } from '../../support/errors.js';
import { hasRecordings } from '../../support/requirements.js';
import { realEngine } from '../../support/speech/real-engine.js';
import { recordings } from '../../support/speech/recordings.js';
import { joined, samplesOf, wavFile } from '../../support/speech/sounds.js';
import { speechModel } from '../../support/speech-model.js';
import { tempDir } from '../../support/temp-dir.js';

const run = promisify(execFile);
const model = await speechModel();
const available = hasRecordings() && model !== undefined;
const dist = join(import.meta.dirname, '..', '..', '..', 'dist', 'lib');

describe.skipIf(!available)('the engine on real threads', () => {
  const clips = available ? recordings() : [];

  test('an abort frees the thread long before the recording is through', async () => {
    const engine = await realEngine();
    onTestFinished(() => engine.close());
    const minute = await Promise.all(clips.slice(5).map(({ path }) => samplesOf(path)));
    const path = await wavFile(await tempDir(), 'long.wav', joined(Array.from({ length: 6 }, () => minute).flat()));
    const abort = new AbortController();
    let doneS = 0;
    const running = engine.transcribe(path, {
      signal: abort.signal,
      onProgress: (seconds) => {
        doneS = seconds;
        if (seconds > 5) abort.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect((await engine.transcribe(clips[0]?.path ?? '')).text).not.toBe('');
    expect(doneS).toBeLessThan(30);
  });

  test('the clip of a deploy is speech to it, so all of the model is at work', async () => {
    const engine = await realEngine();
    onTestFinished(() => engine.close());
    const path = join(await tempDir(), 'clip.wav');
    await writeFile(path, syntheticVoice().wav);
    const { segments, text } = await engine.transcribe(path);
    expect(segments).toHaveLength(1);
    expect(text).toMatch(/[a-z]/i);
  });

  test('a model that is no model is said in words', async () => {
    const dir = await tempDir();
    const files = { encoder: join(dir, 'e.onnx'), decoder: join(dir, 'd.onnx'), vad: join(dir, 'v.onnx') };
    for (const file of Object.values(files)) await writeFile(file, 'no model');
    const entry = { workerEntry: join(dist, 'speech', 'worker.entry.js') };
    const error = await errorOf(() =>
      createSpeechEngine({ ...(model as SpeechModel), files }, { threads: 1, ...entry }),
    );
    expect(error).toMatchObject({ code: 'MODEL_LOAD_FAILED', exitCode: 1 });
  });

  test("files that have each other's place are no speech model", async () => {
    const { files } = model as SpeechModel;
    const swapped = { ...files, decoder: join(await tempDir(), 'd.onnx') };
    await cp(files.encoder, swapped.decoder);
    const entry = { workerEntry: join(dist, 'speech', 'worker.entry.js') };
    const engine = createSpeechEngine({ ...(model as SpeechModel), files: swapped }, { threads: 1, ...entry });
    expect(await errorOf(() => engine)).toMatchObject({ code: 'MODEL_NOT_SPEECH' });
  });

  // Native code that is cut off in the middle ends the process with a signal and a message of its own.
  test.each([
    ['closes the engine', 'await working; await engine.close();', 0],
    ['exits while the model runs', 'await new Promise((resolve) => setTimeout(resolve, 250)); process.exit(7);', 7],
    ['exits while a model is loaded', 'void engine.transcribe(path); process.exit(7);', 7],
  ])('a process that %s ends quietly', async (_what, end, exitCode) => {
    const script = `
      const { createSpeechEngine } = await import(${JSON.stringify(pathToFileURL(join(dist, 'speech', 'engine.js')).href)});
      const path = ${JSON.stringify(clips[5]?.path)};
      const engine = await createSpeechEngine(${JSON.stringify(model)}, { threads: 2 });
      const working = engine.transcribe(path);
      ${end}`;
    const args = ['--input-type=module', '-e', script];
    const result = await run(process.execPath, args).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    const { stdout, stderr } = result;
    expect({ stdout, stderr, exitCode: 'code' in result ? result.code : 0 }).toEqual({
      stdout: '',
      stderr: '',
      exitCode,
    });
  });
});
