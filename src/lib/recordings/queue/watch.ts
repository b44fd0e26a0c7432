import { UsageError } from '../../base/errors/mlops-error.js';
import { isS3Url, parseS3Url, type S3Location, s3Url } from '../../platform/aws/s3-url.js';
import { isAudioName } from '../sources/audio-names.js';
import { safeName } from '../sources/result-names.js';
import type { ObjectSource } from '../sources/source.js';

/** Which objects a worker works on. */
export interface Watch {
  /** The name of its result, without the format's ending; or why it is none of ours. */
  resultName(source: ObjectSource): string | { readonly because: string };
}

/**
 * @param prefixes `s3://bucket/prefix/`: what is not below one is ignored. Without any, everything is taken.
 * @param output where results go. What lies there is never a recording.
 * @throws UsageError `OUTPUT_IN_SOURCE`: every result would be an event again
 */
export function createWatch(prefixes: readonly string[], output: string): Watch {
  const watched = prefixes.map((url) => asFolder(parseS3Url(url)));
  const results = isS3Url(output) ? asFolder(parseS3Url(output)) : undefined;
  const around = results && watched.find((folder) => isBelow(results, folder));
  if (results && around) throw outputInSource(s3Url(results), s3Url(around));
  return {
    resultName({ bucket, key }) {
      const object = { bucket, key };
      const folder = watched.length === 0 ? { bucket, key: '' } : watched.find((one) => isBelow(object, one));
      if (folder === undefined) return { because: 'it is not below what is watched' };
      if (results !== undefined && isBelow(object, results)) {
        // The bucket as a whole is watched and written to: there is no telling results from recordings.
        if (results.key === '') throw outputInSource(s3Url(results), s3Url({ bucket, key: '' }));
        return { because: 'it is a result' };
      }
      if (key.endsWith('/')) return { because: 'a folder marker' };
      if (!isAudioName(key)) return { because: 'it is not called like audio' };
      return safeName(key.slice(folder.key.length));
    },
  };
}

function asFolder({ bucket, key }: S3Location): S3Location {
  return { bucket, key: key === '' || key.endsWith('/') ? key : `${key}/` };
}

function isBelow(inner: S3Location, outer: S3Location): boolean {
  return inner.bucket === outer.bucket && inner.key.startsWith(outer.key);
}

function outputInSource(output: string, source: string): UsageError {
  return new UsageError(`Results in ${output} would lie among the recordings in ${source}`, {
    code: 'OUTPUT_IN_SOURCE',
    why: 'Each result would be announced to the queue as another new object.',
    actions: ['Name an --output in another bucket, or below a prefix that is not watched'],
  });
}
