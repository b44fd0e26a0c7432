import { describe, expect, test } from 'vitest';
import { leftovers } from '../../../../src/lib/deploy/kubernetes/apply.js';
import { diffLines } from '../../../../src/lib/deploy/kubernetes/diff.js';
import { History, type Revision } from '../../../../src/lib/deploy/kubernetes/history.js';
import { imageParts } from '../../../../src/lib/deploy/kubernetes/overlay.js';

test.each([
  ['flight-delay', { newName: 'flight-delay' }],
  ['flight-delay:1.2', { newName: 'flight-delay', newTag: '1.2' }],
  ['127.0.0.1:5000/team/a', { newName: '127.0.0.1:5000/team/a' }],
  ['127.0.0.1:5000/team/a:1', { newName: '127.0.0.1:5000/team/a', newTag: '1' }],
  ['host/a:1@sha256:ff', { newName: 'host/a', digest: 'sha256:ff' }],
])('%s in the parts that kustomize knows', (image, parts) => {
  expect(imageParts(image)).toEqual(parts);
});

test('a diff as people read it', () => {
  const text = `diff -u -N /tmp/LIVE-1/apps.v1.Deployment.default.web.api /tmp/MERGED-2/apps.v1.Deployment.default.web.api
--- /tmp/LIVE-1/apps.v1.Deployment.default.web.api	2026
+++ /tmp/MERGED-2/apps.v1.Deployment.default.web.api	2026
@@ -1,3 +1,3 @@
-  generation: 1
+  generation: 2
   name: web
-  image: a
+  image: b`;
  expect(diffLines(text)).toEqual([
    { tone: 'heading', text: 'Deployment web.api' },
    { tone: 'faint', text: '@@ -1,3 +1,3 @@' },
    { tone: 'plain', text: '   name: web' },
    { tone: 'danger', text: '-  image: a' },
    { tone: 'good', text: '+  image: b' },
  ]);
});

describe('what is left over', () => {
  const object = (kind: string, name: string, apiVersion = 'v1') => ({ apiVersion, kind, metadata: { name } });

  test('is taken away, except what holds data', () => {
    const former = [
      object('Service', 'a'),
      object('Service', 'b'),
      object('Service', 'b'),
      object('PersistentVolumeClaim', 'c'),
    ];
    const { prune, keep } = leftovers(former, [object('Service', 'a')]);
    expect(prune).toEqual([object('Service', 'b')]);
    expect(keep).toEqual([object('PersistentVolumeClaim', 'c')]);
  });

  test('another version of an object is the same object', () => {
    const before = [object('HorizontalPodAutoscaler', 'a', 'autoscaling/v1')];
    expect(leftovers(before, [object('HorizontalPodAutoscaler', 'a', 'autoscaling/v2')]).prune).toEqual([]);
  });
});

test('what the cluster has is what was applied last, not what has the highest number or the latest clock', () => {
  const revision = (number: number, applied: number, deployedAt: string): Revision => ({
    revision: number,
    image: 'a',
    modelDigest: undefined,
    configDigest: undefined,
    deployedAt,
    result: 'replaced',
    applied,
  });
  const all = [
    revision(3, 2, '2026-01-01T09:00:00Z'),
    revision(2, 1, '2026-01-01T10:00:00Z'),
    revision(1, 4, '2025-01-01T00:00:00Z'),
  ];
  expect(History.live(all)?.revision).toBe(1);
  expect(History.nextApplied(all)).toBe(5);
  expect(History.live([])).toBeUndefined();
  expect(History.nextApplied([])).toBe(1);
});
