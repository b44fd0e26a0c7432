import type { DockerClient } from './client.js';
import type { HistoryEntry, ImageDetails } from './types.js';

interface InspectedImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Created: string;
  readonly Metadata?: { readonly LastTagTime?: string };
  readonly Os: string;
  readonly Architecture: string;
  readonly Size: number;
  readonly RootFS: { readonly Layers?: readonly string[] };
  readonly Config: Record<string, unknown> & { readonly Labels?: Record<string, string> | null };
}

/** What `docker run` takes from an image. The daemon mixes in what it remembers of the build. */
const configKeys = [
  'Cmd',
  'Entrypoint',
  'Env',
  'ExposedPorts',
  'Healthcheck',
  'StopSignal',
  'User',
  'Volumes',
  'WorkingDir',
];

export async function inspectImage(client: DockerClient, reference: string): Promise<ImageDetails | undefined> {
  const text = await client.call(['image', 'inspect', reference], {
    what: `inspect the image ${reference}`,
    allow: /No such image/i,
  });
  const image = text === undefined ? undefined : (JSON.parse(text) as InspectedImage[])[0];
  if (image === undefined) return undefined;
  return {
    id: image.Id,
    tags: image.RepoTags ?? [],
    repoDigests: image.RepoDigests ?? [],
    created: image.Created,
    os: image.Os,
    architecture: image.Architecture,
    sizeBytes: image.Size,
    layers: image.RootFS.Layers ?? [],
    labels: image.Config.Labels ?? {},
    config: Object.fromEntries(configKeys.map((key) => [key, image.Config[key] ?? null])),
  };
}

export async function history(client: DockerClient, reference: string): Promise<readonly HistoryEntry[]> {
  const args = ['history', '--no-trunc', '--human=false', '--format', '{{json .}}', reference];
  const text = await client.call(args, { what: `list the layers of ${reference}` });
  return jsonLines<{ CreatedBy: string; Size: string }>(text).map(({ CreatedBy, Size }) => ({
    createdBy: CreatedBy,
    sizeBytes: Number(Size),
  }));
}

/**
 * BuildKit gives an image that comes out of its cache the time when it was built first. So what counts is when an image was
 * last given a name, which every build and every push does.
 */
export async function imagesLabelled(client: DockerClient, name: string, value: string): Promise<readonly string[]> {
  const args = ['image', 'ls', '--no-trunc', '--quiet', '--filter', `label=${name}=${value}`];
  const text = await client.call(args, { what: 'list its images' });
  const ids = [...new Set(text.split('\n').filter((id) => id !== ''))];
  if (ids.length < 2) return ids;
  const inspected = await client.call(['image', 'inspect', ...ids], { what: 'inspect its images' });
  return (JSON.parse(inspected) as InspectedImage[])
    .map(({ Id, Created, Metadata }) => ({ id: Id, time: Math.max(millis(Metadata?.LastTagTime), millis(Created)) }))
    .sort((a, b) => b.time - a.time)
    .map(({ id }) => id);
}

/** Docker writes the year 1 for never. */
function millis(time: string | undefined): number {
  return Math.max(0, Date.parse(time ?? '') || 0);
}

/** Lines of JSON, as `--format '{{json .}}'` writes them. */
export function jsonLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
