import { PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { ProcessRunner, RunningProcess } from '../../platform/process/runner.js';
import type { Planar, Recording } from './decoded.js';
import { audioError, convertAction, refuseImplausible } from './errors.js';
import { sampleReader } from './pcm.js';

const readFloats = sampleReader(3, 4) as Exclude<ReturnType<typeof sampleReader>, 'other' | undefined>;
/** Seconds by which the sound may fall short of what the container says: of one sample, of a frame, of what a decoder holds back. */
const exactS = 0.002;
const toleranceS: Readonly<Record<string, number>> = { mov: 0.05, matroska: 0.15, avi: 0.15, asf: 0.15 };
/** Containers that do not say how long they are: ffprobe guesses from the bit rate. */
const withoutDuration = new Set(['aac', 'amr', 'ac3', 'mp3', 'mpeg', 'mpegts', 'flv', 'ogg']);
const saysCutOff = /moov atom not found|partial file|truncat|end of file|incomplete|corrupt input packet/i;

/** A file that only ffmpeg reads: its name for people, and ffmpeg's own name of the container. */
export interface ForeignFile {
  readonly path: string;
  readonly name: string;
  readonly demuxer: string;
}

/**
 * Everything that has no decoder here, by the programs ffprobe and ffmpeg. The container is named to them, so that they
 * do not guess, and no other protocol than files is open to them: a file can make them read nothing but itself.
 * @throws PrerequisiteError FFMPEG_MISSING
 */
export async function openWithFfmpeg(
  file: ForeignFile,
  runner: ProcessRunner,
  signal?: AbortSignal,
): Promise<Recording> {
  const wanted = 'stream=sample_rate,channels,duration:format=duration';
  const show = ['-v', 'error', ...input(file), '-select_streams', 'a:0', '-show_entries', wanted, '-of', 'json'];
  const probe = await needed(file, runner.run('ffprobe', show, signal === undefined ? {} : { signal }));
  signal?.throwIfAborted();
  if (probe.exitCode !== 0) throw refused(file, probe.stderr);
  const { streams = [], format = {} } = JSON.parse(probe.stdout) as {
    streams?: { sample_rate?: string; channels?: number; duration?: string }[];
    format?: { duration?: string };
  };
  const [stream] = streams;
  if (stream === undefined) throw audioError('AUDIO_EMPTY', file.path, `It is ${file.name} without an audio track.`);
  const sampleRateHz = Number(stream.sample_rate ?? 0);
  const channels = stream.channels ?? 0;
  refuseImplausible(file.path, sampleRateHz, channels);
  const duration = Number(stream.duration ?? format.duration);
  const claimedS = Number.isFinite(duration) && !withoutDuration.has(file.demuxer) ? duration : undefined;
  const described = { format: 'ffmpeg', sampleRateHz, channels, decodedRateHz: sampleRateHz, claimedS } as const;
  return { ...described, decode: (_, again) => decode(file, described, runner, again) };
}

function input({ path, demuxer }: ForeignFile): string[] {
  return ['-protocol_whitelist', 'file,pipe', '-f', demuxer, '-i', `file:${path}`];
}

async function* decode(
  file: ForeignFile,
  { sampleRateHz, channels, claimedS }: Omit<Recording, 'decode'>,
  runner: ProcessRunner,
  signal: AbortSignal | undefined,
): AsyncGenerator<Planar> {
  const strict = ['-hide_banner', '-nostdin', '-v', 'error', '-xerror', '-err_detect', 'crccheck'];
  const output = [
    '-map',
    '0:a:0',
    '-c:a',
    'pcm_f32le',
    '-ar',
    `${sampleRateHz}`,
    '-ac',
    `${channels}`,
    '-f',
    'f32le',
    'pipe:1',
  ];
  const args = [...strict, ...input(file), ...output];
  const ffmpeg = await needed(file, runner.start('ffmpeg', args, signal === undefined ? {} : { signal }));
  let frames = 0;
  try {
    for await (const block of planar(ffmpeg.stdoutBytes, channels)) {
      if (block === undefined) throw audioError('AUDIO_DAMAGED', file.path, 'A sample is not a number.');
      frames += block[0]?.length ?? 0;
      yield block;
    }
    const { exitCode, stderrTail } = await ffmpeg.exited;
    signal?.throwIfAborted();
    if (exitCode !== 0) throw refused(file, stderrTail);
  } finally {
    // It has nothing to lose, and may be waiting for somebody to read.
    await ffmpeg.stop('SIGKILL');
  }
  const doneS = frames / sampleRateHz;
  if (frames === 0) throw audioError('AUDIO_EMPTY', file.path, 'Its audio track has no samples.');
  if (claimedS !== undefined && doneS < claimedS - (toleranceS[file.demuxer] ?? exactS)) {
    const why = `Its header says ${claimedS.toFixed(3)} s, and ${doneS.toFixed(3)} s are there.`;
    throw audioError('AUDIO_TRUNCATED', file.path, why);
  }
}

/** Interleaved floats that come in chunks of any size; undefined in place of a block with a sample that is no number. */
async function* planar(chunks: RunningProcess['stdoutBytes'], channels: number): AsyncGenerator<Planar | undefined> {
  const frameBytes = 4 * channels;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const count = Math.floor(bytes.length / frameBytes);
    rest = bytes.subarray(count * frameBytes);
    if (count === 0) continue;
    const block = Array.from({ length: channels }, () => new Float32Array(count));
    yield readFloats(bytes, block) ? block : undefined;
  }
}

async function needed<T>(file: ForeignFile, started: Promise<T>): Promise<T> {
  try {
    return await started;
  } catch (error) {
    if (!(error instanceof PrerequisiteError)) throw error;
    throw new PrerequisiteError(`${file.path} needs the program ffmpeg`, {
      code: 'FFMPEG_MISSING',
      why: `It is ${file.name}, which mlops cannot decode by itself, and ffmpeg or ffprobe is not on the PATH.`,
      actions: ['Install ffmpeg: apt install ffmpeg, or brew install ffmpeg', `Or elsewhere: ${convertAction}`],
      cause: error,
    });
  }
}

function refused(file: ForeignFile, stderr: string) {
  const last = stderr.trim().split('\n').slice(-2).join(' ').slice(0, 300);
  const code = saysCutOff.test(stderr) ? 'AUDIO_TRUNCATED' : 'AUDIO_DAMAGED';
  return audioError(code, file.path, `ffmpeg reads it as ${file.name} and says: ${last}`);
}
