import { createProcessRunner, type ProcessRunner } from '../../platform/process/runner.js';
import { type AudioStream, type ChannelMode, speechRateHz } from '../types.js';
import { arrange, lengthOf } from './channels.js';
import type { Planar, Recording } from './decoded.js';
import { openWithFfmpeg } from './ffmpeg.js';
import { FileBytes } from './file-bytes.js';
import { openFlac } from './flac.js';
import { openMp3 } from './mp3.js';
import { openOgg } from './ogg.js';
import { createResampler } from './resample.js';
import { type Container, sniff } from './sniff.js';
import { openWav } from './wav.js';
import { openWebm } from './webm.js';

const maxBlockSamples = speechRateHz;

export interface OpenAudioOptions {
  /** Default `mix`. */
  readonly channels?: ChannelMode;
  readonly signal?: AbortSignal;
  /** For ffmpeg, which reads what has no decoder here. Default: programs of this machine. */
  readonly runner?: ProcessRunner;
}

/**
 * Opens a recording: what it is, its bytes say, not its name. Nothing is held open until `blocks` is read, and what is
 * held then is given back at its end, on an error, and when the reader stops early.
 * @throws UsageError with an `AudioErrorCode`, FILE_NOT_FOUND or FILE_UNREADABLE; PrerequisiteError FFMPEG_MISSING for a
 * format that only ffmpeg reads; the signal's reason when it aborts. The same while `blocks` is read
 */
export async function openAudio(path: string, options: OpenAudioOptions = {}): Promise<AudioStream> {
  const { signal } = options;
  signal?.throwIfAborted();
  const bytes = await FileBytes.open(path, signal);
  try {
    const recording = await openContainer(await sniff(bytes), bytes, options);
    const { format, sampleRateHz, channels, claimedS } = recording;
    return { format, sampleRateHz, channels, claimedS, blocks: blocks(path, recording, options) };
  } finally {
    await bytes.close();
  }
}

/** The decoder here for these bytes, or ffmpeg where there is none. */
async function openContainer(container: Container, bytes: FileBytes, options: OpenAudioOptions): Promise<Recording> {
  const { signal, runner = createProcessRunner() } = options;
  const { path } = bytes;
  const foreign = (name: string, demuxer: string) => openWithFfmpeg({ path, name, demuxer }, runner, signal);
  switch (container.kind) {
    case 'wav':
      return (await openWav(bytes)) ?? (await foreign('WAV with a compressed encoding', 'wav'));
    case 'flac':
      return await openFlac(bytes);
    case 'mp3':
      return await openMp3(bytes);
    case 'ogg':
      return (await openOgg(bytes)) ?? (await foreign('Ogg with neither Vorbis nor Opus', 'ogg'));
    case 'matroska':
      return (await openWebm(bytes)) ?? (await foreign('Matroska without Opus', 'matroska'));
    case 'ffmpeg':
      return await foreign(container.name, container.demuxer);
  }
}

async function* blocks(path: string, recording: Recording, options: OpenAudioOptions): AsyncGenerator<Planar> {
  const { signal, channels: mode = 'mix' } = options;
  const bytes = await FileBytes.open(path, signal);
  const count = mode === 'split' ? recording.channels : 1;
  const resamplers = Array.from({ length: count }, () => createResampler(recording.decodedRateHz, speechRateHz));
  try {
    for await (const block of recording.decode(bytes, signal)) {
      signal?.throwIfAborted();
      const arranged = arrange(block, mode);
      yield* bounded(resamplers.map((resampler, channel) => resampler.push(arranged[channel] as Float32Array)));
    }
    yield* bounded(resamplers.map((resampler) => resampler.end()));
  } finally {
    await bytes.close();
  }
}

/** Pieces of at most about a second, whatever a codec's frames are, within the range that the format can hold. */
function* bounded(block: Planar): Generator<Planar> {
  const length = lengthOf(block);
  for (const channel of block) {
    for (let i = 0; i < length; i++) channel[i] = Math.min(1, Math.max(-1, channel[i] as number));
  }
  for (let start = 0; start < length; start += maxBlockSamples) {
    yield block.map((channel) => channel.subarray(start, start + maxBlockSamples));
  }
}
