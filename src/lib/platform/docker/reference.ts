/**
 * The registry of an image reference by Docker's rule: what stands before the first slash, if it has a dot or a colon or
 * is `localhost`; else Docker Hub.
 */
export function registryOf(reference: string): string {
  const slash = reference.indexOf('/');
  const first = slash === -1 ? '' : reference.slice(0, slash);
  return /[.:]/.test(first) || first === 'localhost' ? first : 'docker.io';
}

/** `host:5000/team/name:tag` -> `host:5000/team/name`. */
export function repositoryOf(reference: string): string {
  const withoutDigest = reference.split('@', 1)[0] ?? reference;
  const colon = withoutDigest.lastIndexOf(':');
  return colon > withoutDigest.lastIndexOf('/') ? withoutDigest.slice(0, colon) : withoutDigest;
}
