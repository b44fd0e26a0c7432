import { fileURLToPath } from 'node:url';

export const bundledModelName = 'flight-delay';

/** Models by name. The folder is two levels above `lib/`, in src/ as in dist/. */
const catalog: ReadonlyMap<string, URL> = new Map([
  [bundledModelName, new URL('../../../model/flight-delay.onnx', import.meta.url)],
]);

/** Absolute path of a model of the catalog, undefined for any other name. */
export function catalogPath(name: string): string | undefined {
  const url = catalog.get(name);
  return url === undefined ? undefined : fileURLToPath(url);
}

export function catalogNames(): string[] {
  return [...catalog.keys()];
}
