import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packagedManifests } from '../../../../src/lib/deploy/kubernetes/folder.js';
import { type Manifest, manifestProblems } from '../../../support/kubernetes/check-manifest.js';

let base: Record<string, Manifest>;
beforeAll(async () => {
  const read = async (name: string) =>
    parse(await readFile(join(packagedManifests, 'base', `${name}.yaml`), 'utf8')) as Manifest;
  base = {
    deployment: await read('deployment'),
    autoscaler: await read('autoscaler'),
    budget: await read('disruption-budget'),
  };
});

const ingress = (pathType: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: {
    rules: [
      { http: { paths: [{ path: '/', pathType, backend: { service: { name: 'web', port: { number: 80 } } } }] } },
    ],
  },
});

test('the files themselves are right', async () => {
  for (const manifest of [...Object.values(base), ingress('Prefix')])
    expect(await manifestProblems(manifest)).toEqual([]);
});

// What the API refuses, seen without it: the check of the manifests is worth something only if it finds all of these.
const mutants: Record<string, () => Manifest> = {
  'replicas in words': () => change('deployment', ['spec', 'replicas'], 'two'),
  'an unknown field': () => change('deployment', ['spec', 'replica'], 2),
  'an autoscaler without a maximum': () => change('autoscaler', ['spec', 'maxReplicas'], undefined),
  'a selector that selects other pods': () =>
    change('deployment', ['spec', 'template', 'metadata', 'labels'], { app: 'other' }),
  'a path type that is none': () => ingress('Prefixx'),
  'a quantity that is none': () =>
    change('deployment', ['spec', 'template', 'spec', 'containers', '0', 'resources', 'limits', 'memory'], '128MB'),
  'a version that is gone': () => change('budget', ['apiVersion'], 'policy/v1beta1'),
};

function change(name: string, path: readonly string[], value: unknown): Manifest {
  const copy = structuredClone(base[name]) as Manifest;
  const parent = path.slice(0, -1).reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], copy);
  const last = path.at(-1) ?? '';
  if (value === undefined) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
  return copy;
}

test.each(Object.keys(mutants))('%s is found', async (name) => {
  expect(await manifestProblems(mutants[name]?.() as Manifest)).not.toEqual([]);
});
