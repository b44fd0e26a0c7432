/**
 * Where `found` is not what is `wanted`: paths such as `time.from`, panels by their titles. What Grafana has added by itself
 * (its id, its version, defaults of a later release) is no difference; a list of another length is.
 */
export function differences(wanted: unknown, found: unknown, path = ''): string[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return [path];
    const own = wanted.flatMap((item, index) => differences(item, found[index], `${path}[${nameOf(item, index)}]`));
    return wanted.length === found.length ? own : [`${path} (${found.length} instead of ${wanted.length})`, ...own];
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null) return [path];
    return Object.entries(wanted).flatMap(([key, value]) =>
      differences(value, (found as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return wanted === found ? [] : [path];
}

function nameOf(item: unknown, index: number): string {
  const { title } = (item ?? {}) as { title?: unknown };
  return typeof title === 'string' && title !== '' ? title : String(index);
}
