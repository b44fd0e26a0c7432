import { notImportable } from './errors.js';

export interface SklearnVersion {
  readonly text: string;
  /** major * 1000 + minor, to compare. */
  readonly order: number;
}

const oldest = { text: '0.24', order: 24 };
const newest = { text: '1.9', order: 1009 };

/** `1.9.1` -> 1009. Throws UsageError for a version older than 0.24 or one that is none. */
export function readSklearnVersion(text: unknown): SklearnVersion {
  const match = typeof text === 'string' ? /^(\d{1,3})\.(\d{1,3})(?:$|[.a-z])/.exec(text) : null;
  if (match === null) throw notImportable('The pickle does not say which version of scikit-learn wrote it.');
  const version = { text: match.input.slice(0, 30), order: Number(match[1]) * 1000 + Number(match[2]) };
  if (version.order < oldest.order) {
    throw notImportable(`scikit-learn ${version.text} wrote it, ${oldest.text} to ${newest.text} are read.`, [
      `Load it with scikit-learn ${oldest.text} or newer and pickle it again`,
    ]);
  }
  return version;
}

/** Newer versions are read by the rules of the newest known one, with a warning: they have rarely changed. */
export function versionWarning(version: SklearnVersion): string | undefined {
  if (version.order <= newest.order) return undefined;
  return `scikit-learn ${version.text} is newer than ${newest.text}, the newest one known here: compare some predictions with Python's`;
}

/** Since 1.8 there is no `multi_class`: two classes are a sigmoid, more a softmax. */
export function hasMultiClass(version: SklearnVersion): boolean {
  return version.order < 1008;
}
