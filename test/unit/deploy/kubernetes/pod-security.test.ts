import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packagedManifests } from '../../../../src/lib/deploy/kubernetes/folder.js';
import type { Manifest } from '../../../support/kubernetes/check-manifest.js';
import { podTemplates, restrictedProblems } from '../../../support/kubernetes/pod-security.js';

let pod: Record<string, unknown>;
beforeAll(async () => {
  const text = await readFile(join(packagedManifests, 'base', 'deployment.yaml'), 'utf8');
  pod = podTemplates([parse(text) as Manifest])[0]?.spec as Record<string, unknown>;
});

test('the pod of the server is restricted', () => {
  expect(restrictedProblems(pod)).toEqual([]);
});

// The check is worth something only if it finds each of these.
test.each<[string, readonly string[], unknown]>([
  ['hostNetwork', ['hostNetwork'], true],
  ['hostPID', ['hostPID'], true],
  ['the type of volume tmp', ['volumes'], [{ name: 'tmp', hostPath: { path: '/tmp' } }]],
  ['sysctls', ['securityContext', 'sysctls'], [{ name: 'kernel.msgmax', value: '1' }]],
  ['pod: runAsUser 0', ['securityContext', 'runAsUser'], 0],
  ['pod: seccomp', ['securityContext', 'seccompProfile', 'type'], 'Unconfined'],
  ['server: privileged', ['containers', '0', 'securityContext', 'privileged'], true],
  ['server: allowPrivilegeEscalation', ['containers', '0', 'securityContext', 'allowPrivilegeEscalation'], undefined],
  ['server: runAsNonRoot', ['containers', '0', 'securityContext', 'runAsNonRoot'], false],
  ['server: runAsUser 0', ['containers', '0', 'securityContext', 'runAsUser'], 0],
  ['server: seccomp', ['containers', '0', 'securityContext', 'seccompProfile', 'type'], 'Unconfined'],
  ['server: capabilities are not dropped', ['containers', '0', 'securityContext', 'capabilities', 'drop'], []],
  ['server: capabilities are added', ['containers', '0', 'securityContext', 'capabilities', 'add'], ['SYS_ADMIN']],
  ['server: procMount', ['containers', '0', 'securityContext', 'procMount'], 'Unmasked'],
  ['server: hostPort', ['containers', '0', 'ports', '0', 'hostPort'], 80],
  ['server: the SELinux type', ['containers', '0', 'securityContext', 'seLinuxOptions'], { type: 'spc_t' }],
])('%s is found', (problem, path, value) => {
  const copy = structuredClone(pod);
  const parent = path.slice(0, -1).reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], copy);
  (parent as Record<string, unknown>)[path.at(-1) ?? ''] = value;
  expect(restrictedProblems(copy)).toContain(problem);
});
