import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PrerequisiteError } from '../../../../src/lib/base/errors/mlops-error.js';
import type { ProcessRunner } from '../../../../src/lib/platform/process/runner.js';
import { openAudio } from '../../../../src/lib/speech/audio/open.js';
import { errorOf } from '../../../support/errors.js';
import { audioFixture, fixtureSound, hear } from '../../../support/speech-audio/sound.js';
import { tempDir } from '../../../support/temp-dir.js';

interface Answers {
  readonly probe?: object | string;
  readonly sound?: Float32Array;
  readonly exitCode?: number;
  readonly stderr?: string;
}

const oneStream = { streams: [{ sample_rate: '16000', channels: 1, duration: '0.600000' }], format: {} };

function fakeFfmpeg({ probe = oneStream, sound = fixtureSound, exitCode = 0, stderr = '' }: Answers = {}) {
  const calls: (readonly string[])[] = [];
  const stopped: (string | undefined)[] = [];
  const runner: ProcessRunner = {
    run: async (program, args) => {
      calls.push([program, ...args]);
      const failed = typeof probe === 'string';
      return { exitCode: failed ? 1 : 0, stdout: failed ? '' : JSON.stringify(probe), stderr: failed ? probe : '' };
    },
    start: async (program, args) => {
      calls.push([program, ...args]);
      const bytes = new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength);
      return {
        pid: 1,
        stdoutLines: (async function* () {})(),
        // Pieces that do not end between samples.
        stdoutBytes: (async function* () {
          for (let at = 0; at < bytes.length; at += 1001) yield bytes.subarray(at, at + 1001);
        })(),
        exited: Promise.resolve({ exitCode, stderrTail: stderr }),
        send: () => undefined,
        stop: async (signal) => void stopped.push(signal),
      };
    },
  };
  return { runner, calls, stopped };
}

async function m4a(name = 'recording'): Promise<string> {
  const path = join(await tempDir(), name);
  await copyFile(audioFixture('tone.m4a'), path);
  return path;
}

test('what ffmpeg gives are the samples; it is told the container, and may open nothing but files', async () => {
  const { runner, calls, stopped } = fakeFfmpeg();
  const path = await m4a('-i http:example.com,50% off.m4a');
  const heard = await hear(path, { runner });
  expect(heard).toMatchObject({ format: 'ffmpeg', sampleRateHz: 16_000, claimedS: 0.6 });
  expect(heard.sound).toEqual(fixtureSound);
  expect(calls.map(([program]) => program)).toEqual(['ffprobe', 'ffmpeg']);
  for (const call of calls) {
    expect(call.join('\n')).toContain(`-protocol_whitelist\nfile,pipe\n-f\nmov\n-i\nfile:${path}\n`);
  }
  expect(stopped).toEqual(['SIGKILL']);
});

test('it is stopped when its reader stops', async () => {
  const { runner, stopped } = fakeFfmpeg();
  const { blocks } = await openAudio(await m4a(), { runner });
  for await (const _ of blocks) break;
  expect(stopped).toEqual(['SIGKILL']);
});

test.each([
  ['fails', { exitCode: 1, stderr: 'Invalid data found' }, 'AUDIO_DAMAGED', /Invalid data found/],
  [
    'says that the file ends early',
    { exitCode: 1, stderr: 'stream 0, offset 0x9: partial file' },
    'AUDIO_TRUNCATED',
    /partial/,
  ],
  [
    'gives less than the header says',
    { sound: fixtureSound.subarray(0, 4000) },
    'AUDIO_TRUNCATED',
    /0\.600 s, and 0\.250 s/,
  ],
  ['gives nothing', { sound: new Float32Array(0) }, 'AUDIO_EMPTY', /no samples/],
  ['gives what is no number', { sound: new Float32Array(9600).fill(Number.NaN) }, 'AUDIO_DAMAGED', /not a number/],
  ['finds no track', { probe: { streams: [], format: {} } }, 'AUDIO_EMPTY', /without an audio track/],
  ['cannot probe', { probe: 'moov atom not found' }, 'AUDIO_TRUNCATED', /moov/],
  [
    'finds a thousand channels',
    { probe: { streams: [{ sample_rate: '8000', channels: 1000 }] } },
    'AUDIO_DAMAGED',
    /1000/,
  ],
] as const)('an error of ours when it %s', async (_, answers, code, why) => {
  const error = await errorOf(async () => hear(await m4a(), { runner: fakeFfmpeg(answers).runner }));
  expect(error).toMatchObject({ code, exitCode: 2, why: expect.stringMatching(why) });
});

test('without ffmpeg: that it is needed, and how to come by it', async () => {
  const missing = () => Promise.reject(new PrerequisiteError('ffprobe was not found', { code: 'PROGRAM_MISSING' }));
  const error = await errorOf(async () => hear(await m4a(), { runner: { run: missing, start: missing } }));
  expect(error).toMatchObject({ code: 'FFMPEG_MISSING', exitCode: 5, why: expect.stringMatching(/MP4 or M4A/) });
  expect(error.actions).toEqual([expect.stringMatching(/apt install ffmpeg/), expect.stringMatching(/-ar 16000/)]);
});
