import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../support/errors.js';
import { hasFfmpeg } from '../../support/requirements.js';
import { audioFixture, correlation, hear, sweep } from '../../support/speech-audio/sound.js';
import { tempDir } from '../../support/temp-dir.js';

const seconds = 2;
const sound = sweep(16_000, seconds, 200, 3000);
const formula = `0.5*sin(2*PI*(200*t+${(3000 - 200) / (2 * seconds)}*t*t))`;

async function make(name: string, ...args: readonly string[]): Promise<string> {
  const path = join(await tempDir(), name);
  const source = ['-f', 'lavfi', '-i', `aevalsrc=${formula}:d=${seconds}:s=48000`];
  const { status, stderr } = spawnSync('ffmpeg', ['-y', '-v', 'error', ...source, ...args, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return path;
}

describe.skipIf(!hasFfmpeg())('recordings that ffmpeg wrote', () => {
  // Format, correlation at least, seconds that may be added at the end by a codec whose header does not say so.
  test.each([
    ['mu-law of a telephone', 'a.wav', ['-ar', '8000', '-c:a', 'pcm_mulaw'], 'wav', 0.999, 0],
    ['24 bits, stereo', 'a.wav', ['-ac', '2', '-c:a', 'pcm_s24le'], 'wav', 0.9999, 0],
    ['RF64', 'a.wav', ['-rf64', 'always'], 'wav', 0.9999, 0],
    ['FLAC of 24 bits at 96 kHz', 'a.flac', ['-ar', '96000', '-sample_fmt', 's32'], 'flac', 0.9999, 0],
    ['FLAC at 44.1 kHz, stereo', 'a.flac', ['-ar', '44100', '-ac', '2'], 'flac', 0.9999, 0],
    ['MP3 of constant bit rate', 'a.mp3', ['-ar', '44100', '-b:a', '64k'], 'mp3', 0.999, 0],
    ['MP3 of variable bit rate, stereo', 'a.mp3', ['-ac', '2', '-q:a', '5'], 'mp3', 0.999, 0],
    ['MPEG-2.5 at 8 kHz', 'a.mp3', ['-ar', '8000', '-b:a', '16k'], 'mp3', 0.99, 0],
    ['Vorbis with six channels', 'a.ogg', ['-ac', '6', '-c:a', 'libvorbis'], 'ogg-vorbis', 0.98, 0],
    ['Opus with six channels', 'a.opus', ['-ac', '6', '-c:a', 'libopus'], 'ogg-opus', 0.98, 0],
    [
      'Opus in frames of 60 ms',
      'a.opus',
      ['-c:a', 'libopus', '-b:a', '16k', '-frame_duration', '60'],
      'ogg-opus',
      0.97,
      0,
    ],
    ['Opus in Matroska', 'a.mka', ['-c:a', 'libopus'], 'webm-opus', 0.98, 0],
    ['M4A', 'a.m4a', ['-c:a', 'aac'], 'ffmpeg', 0.98, 0.03],
    ['M4A with its index in front', 'a.m4a', ['-c:a', 'aac', '-movflags', '+faststart'], 'ffmpeg', 0.98, 0.03],
    ['AAC in Matroska', 'a.mka', ['-c:a', 'aac'], 'ffmpeg', 0, 0.05],
    ['AAC in ADTS', 'a.aac', ['-c:a', 'aac'], 'ffmpeg', 0, 0.05],
    ['AIFF', 'a.aiff', [], 'ffmpeg', 0.9999, 0],
    ['ADPCM in WAV', 'a.wav', ['-c:a', 'adpcm_ima_wav'], 'ffmpeg', 0.99, 0.05],
    ['FLAC in Ogg', 'a.oga', ['-c:a', 'flac'], 'ffmpeg', 0.9999, 0],
  ])('%s', async (_, name, args, format, least, added) => {
    const heard = await hear(await make(name, ...args));
    expect(heard.format).toBe(format);
    expect(heard.sound.length / 16_000 - seconds).toBeGreaterThanOrEqual(0);
    expect(heard.sound.length / 16_000 - seconds).toBeLessThanOrEqual(added);
    if (least > 0) expect(correlation(sound, heard.sound)).toBeGreaterThan(least);
  });

  test('the committed M4A', async () => {
    const { sound: tone } = await hear(audioFixture('tone.m4a'));
    expect(correlation(sweep(16_000, 0.6, 200, 3000), tone)).toBeGreaterThan(0.98);
  });

  test.each([
    ['a.m4a', ['-c:a', 'aac']],
    ['a.m4a', ['-c:a', 'aac', '-movflags', '+faststart']],
    ['a.m4a', ['-c:a', 'aac', '-movflags', '+frag_keyframe+empty_moov']],
    ['a.mka', ['-c:a', 'aac']],
    ['a.aiff', []],
    ['a.wma', []],
    ['a.wav', ['-c:a', 'adpcm_ima_wav']],
  ])('%s %s: cut anywhere, it is no shorter recording', async (name, args) => {
    const path = await make(name, ...args);
    const whole = await readFile(path);
    // Windows Media may lack its last tenth of a second unnoticed: its decoder holds back as much of whole files.
    for (const part of [0.1, 0.5, 0.8, ...(name === 'a.wma' ? [] : [0.97])]) {
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * part)));
      const error = await errorOf(() => hear(path));
      expect(['AUDIO_TRUNCATED', 'AUDIO_DAMAGED'], `${part}: ${error.why}`).toContain(error.code);
    }
  });

  test('NIST SPHERE, which corpora of speech are in: whole it is heard, cut it is cut off', async () => {
    const wav = await readFile(await make('a.wav', '-ar', '16000', '-fflags', '+bitexact', '-c:a', 'pcm_s16le'));
    const samples = wav.subarray(wav.indexOf('data') + 8);
    const fields = [
      `sample_count -i ${samples.length / 2}`,
      'sample_rate -i 16000',
      'channel_count -i 1',
      'sample_n_bytes -i 2',
      'sample_byte_format -s2 01',
      'sample_coding -s3 pcm',
      'end_head',
    ];
    const header = Buffer.alloc(1024, ' ');
    header.write(`NIST_1A\n   1024\n${fields.join('\n')}\n`);
    const path = join(await tempDir(), 'a.sph');
    const sphere = Buffer.concat([header, samples]);
    await writeFile(path, sphere);
    const heard = await hear(path);
    expect(heard).toMatchObject({ format: 'ffmpeg', claimedS: seconds });
    expect(correlation(sound, heard.sound)).toBeGreaterThan(0.9999);
    // 4096 bytes are a packet of ffmpeg's: where one ends it sees nothing wrong.
    for (const length of [1024 + 4096 * 3, sphere.length - 2000, 20_000]) {
      await writeFile(path, sphere.subarray(0, length));
      expect((await errorOf(() => hear(path))).code, `${length}`).toBe('AUDIO_TRUNCATED');
    }
  });

  test.each(['wide', 'free', 'skip'])('QuickTime that begins with %s', async (atom) => {
    const path = await make('a.mov', '-c:a', 'aac');
    const bytes = await readFile(path);
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
    bytes.write(atom, 4, 'latin1');
    await writeFile(path, bytes);
    expect(correlation(sound, (await hear(path)).sound)).toBeGreaterThan(0.98);
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.8)));
    expect(['AUDIO_TRUNCATED', 'AUDIO_DAMAGED']).toContain((await errorOf(() => hear(path))).code);
  });

  test('an abort ends ffmpeg', async () => {
    const controller = new AbortController();
    const path = await make('a.m4a', '-c:a', 'aac');
    const signal = controller.signal;
    const heard = hear(path, { signal });
    controller.abort(new Error('enough'));
    await expect(heard).rejects.toThrow('enough');
  });
});
