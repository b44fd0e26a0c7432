import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { packagedManifests, prepareManifests } from '../../../src/lib/deploy/kubernetes/folder.js';
import { type RenderOptions, renderManifest } from '../../../src/lib/deploy/kubernetes/render.js';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { tempDir } from '../temp-dir.js';
import type { Manifest } from './check-manifest.js';

/** Text for the end of a kustomization. */
export const allComponents =
  '\ncomponents:\n  - ../components/keda\n  - ../components/vpa\n  - ../components/pod-monitor\n';
export const withCloudWatch = `${allComponents}  - ../components/cloudwatch\n`;

export const release = {
  name: 'flight-delay',
  image: '127.0.0.1:5000/team/flight-delay@sha256:0123',
  modelDigest: undefined,
  configDigest: undefined,
  port: 8080,
  expose: 'internal' as const,
  replicas: { min: 3, max: 10 },
  resources: { cpu: '1', memory: '1Gi' },
  drainMs: 11_000,
};

export const plainOptions = {
  release,
  namespace: 'prod',
  address: undefined,
  pullSecret: undefined,
  region: undefined,
  allowedCidrs: [],
  architecture: undefined,
};

export type Rendered = Manifest & {
  metadata: { name: string; namespace?: string; annotations?: object };
  spec: Record<string, never>;
};

/** The manifest of a release from the templates, with lines added to the user's kustomization. */
export async function render(given: Partial<RenderOptions> & { addToOverlay?: string } = {}): Promise<Rendered[]> {
  const dir = await prepareManifests(await tempDir(), packagedManifests, silentReporter);
  if (given.addToOverlay !== undefined) {
    await appendFile(join(dir, 'overlay', 'kustomization.yaml'), given.addToOverlay);
  }
  const options = { dir, ...plainOptions, ...given };
  return (await renderManifest(createProcessRunner(), options)) as unknown as Rendered[];
}

export function find(objects: readonly Rendered[], kind: string, name = 'flight-delay'): Rendered {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}
