import { UsageError } from '../../base/errors/mlops-error.js';
import type { Reporter } from '../../base/progress/reporter.js';
import { formatDuration, formatSize } from '../../base/units.js';
import { speechEntryOf } from '../../model/catalog.js';
import { speechModelIn } from '../../model/speech-files.js';
import type { Project } from '../../project/project.js';
import { type SpeechClip, voiceWithin } from './clip.js';

/** Of a voice, in seconds: in less there is no vowel to hear. */
const shortest = 0.2;

/**
 * What a speech model is asked, if the image has the one of the project: what another one takes is not known. Undefined for
 * a model that predicts.
 */
export function chooseClip(
  { config, dir }: Pick<Project, 'config' | 'dir'>,
  modelDigest: string | undefined,
  reporter: Reporter,
): SpeechClip | undefined {
  const { model = '', serve } = config;
  const entry = speechEntryOf(model);
  if (entry === undefined) return undefined;
  const deployed = modelDigest?.replace(/^sha256:/, '');
  const { digest } = speechModelIn(dir, model, entry);
  if (deployed !== undefined && deployed !== digest) {
    const held = `The image holds the model ${deployed.slice(0, 12)}, the project has ${digest.slice(0, 12)}.`;
    reporter.warn(`${held} No clip is transcribed.`);
    return undefined;
  }
  const limits = serve.limits.audio;
  if (voiceWithin(limits).seconds >= shortest) return { model, limits };
  const taken = `${formatDuration(limits.durationMs)} and ${formatSize(limits.sizeBytes)}`;
  reporter.warn(
    `The server takes recordings of at most ${taken} (serve.limits.audio.duration, .size): no clip is transcribed, only being ready is checked.`,
  );
  return undefined;
}

/** Throws UsageError `CHECK_TAKES_ROWS` for a check by rows that is asked of a speech model. */
export function refuseRowChecks(
  { config }: Pick<Project, 'config'>,
  asked: { readonly golden: string | undefined; readonly gate: boolean },
): void {
  const { model = '', deploy } = config;
  if (speechEntryOf(model) === undefined) return;
  const checks = [
    ...(asked.gate ? ['--gate'] : []),
    ...(asked.golden === undefined ? [] : ['--golden']),
    ...(asked.golden === undefined && deploy?.golden !== undefined ? ['deploy.golden in mlops.yaml'] : []),
  ];
  if (checks.length === 0) return;
  throw new UsageError(`${checks.join(' and ')}: only for a model that takes rows`, {
    code: 'CHECK_TAKES_ROWS',
    why: `${model} takes recordings. What it is checked by is a clip that it has to transcribe, without being asked for.`,
    actions: [`Leave ${checks.length === 1 ? 'it' : 'them'} out: ${checks.join(', ')}`],
  });
}
