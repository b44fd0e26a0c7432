import { createHash } from 'node:crypto';
import { UsageError } from '../base/errors/mlops-error.js';
import type { ImageDetails } from '../platform/docker/types.js';

/**
 * The default tag: the model's version and 12 hex digits of what is in the image (its layers, the base's included, its
 * platform, and what `docker run` takes from it). The same content has the same tag and any other content another one, so
 * a registry whose tags cannot move takes every image once, and a newer base is a new tag.
 */
export function contentTag(modelVersion: string, details: ImageDetails): string {
  return `${modelVersion.replace(/[^A-Za-z0-9_.-]/g, '-')}-${contentDigest(details)}`;
}

/** 12 hex digits of what runs. The id of an image is another one at every build: it has the time in it. */
export function contentDigest({ os, architecture, layers, config }: ImageDetails): string {
  const content = JSON.stringify({ os, architecture, layers, config });
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

/** Throws UsageError `TAG_INVALID`. The form is that of the OCI distribution specification. */
export function checkTag(tag: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag)) return;
  throw new UsageError(`'${tag}' is no tag`, {
    code: 'TAG_INVALID',
    why: 'A tag has 1 to 128 letters, digits, dots, dashes and underscores, and begins with no dot or dash.',
    actions: ['Leave --tag out: the default tag is made of what is in the image'],
  });
}
