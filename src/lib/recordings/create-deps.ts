import { availableParallelism, tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../base/errors/mlops-error.js';
import { speechEntryOf } from '../model/catalog.js';
import { ensureSpeechModel } from '../model/pull.js';
import { speechModelIn } from '../model/speech-files.js';
import type { AwsSettings } from '../platform/aws/client.js';
import { configuredRegion } from '../platform/aws/region.js';
import { createS3Objects, type S3Objects } from '../platform/aws/s3-objects.js';
import { createQueue } from '../platform/aws/sqs.js';
import { cacheFolder } from '../platform/files/cache-folder.js';
import type { ProjectConfig } from '../project/schema.js';
import { FileBytes } from '../speech/audio/file-bytes.js';
import { sniff } from '../speech/audio/sniff.js';
import type { RecordingsDeps } from './deps.js';

type Given = Pick<RecordingsDeps, 'reporter' | 'cwd' | 'memoryBytes'> & {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: ProjectConfig;
};

/** The real model, AWS, clock and disk, beside what the command line brings. */
export function createRecordingsDeps({ env, config, reporter, cwd, memoryBytes }: Given): RecordingsDeps {
  let s3: Promise<S3Objects> | undefined;
  return {
    reporter,
    cwd,
    memoryBytes,
    tempDir: tmpdir(),
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
    s3: () => {
      s3 ??= awsSettings(config, env).then((settings) => createS3Objects(settings));
      return s3;
    },
    queue: async (url) => createQueue(await awsSettings(config, env), url),
    modelDigest: digestInCatalog,
    speechModel: (name, options) => ensureSpeechModel(name, { ...options, cacheDir: cacheFolder(env), reporter }),
    openEngine: async (model, options) => {
      const { createSpeechEngine } = await import('../speech/engine.js');
      return await createSpeechEngine(model, options);
    },
    looksLikeAudio,
    cores: availableParallelism(),
  };
}

/** Buckets may lie elsewhere: S3 says where, and the client follows. */
async function awsSettings(
  { aws }: ProjectConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AwsSettings> {
  const given = aws?.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const region = given || (await configuredRegion()) || 'us-east-1';
  return { region, ...(aws?.profile === undefined ? {} : { profile: aws.profile }) };
}

function digestInCatalog(name: string): string {
  const entry = speechEntryOf(name);
  if (entry !== undefined) return speechModelIn('', name, entry).digest;
  throw new UsageError(`There is no speech model ${name}`, { code: 'MODEL_NOT_FOUND', actions: ['mlops model list'] });
}

async function looksLikeAudio(path: string): Promise<boolean> {
  try {
    const bytes = await FileBytes.open(path);
    try {
      await sniff(bytes);
    } finally {
      await bytes.close();
    }
    return true;
  } catch (error) {
    // Damaged audio is audio: that it is damaged is said when it is read.
    return error instanceof UsageError && !['AUDIO_UNKNOWN', 'AUDIO_EMPTY'].includes(error.code);
  }
}
