import { expect, test } from 'vitest';
import type { DeployResult } from '../../../src/lib/deploy/deploy.js';
import { deployLines, rollbackLines, statusLines } from '../../../src/lib/deploy/result-lines.js';
import { settingsPreview } from '../../../src/lib/deploy/settings-diff.js';
import { sampleResult } from '../../support/load-result.js';

const result: DeployResult = {
  outcome: 'deployed',
  target: 'docker',
  place: 'the Docker daemon',
  name: 'demo',
  image: 'demo:2',
  modelDigest: 'sha256:aa',
  configDigest: null,
  revision: 4,
  previous: 3,
  endpoint: 'http://127.0.0.1:8080',
  gapMs: 345.6,
  golden: { source: 'rows.jsonl', rows: 552, equal: 552, mismatches: [] },
  clip: null,
  gate: sampleResult(),
  diff: ['Container demo changes', '  ~ image: demo:1 -> demo:2'],
};
const texts = (lines: readonly { text: string }[]) => lines.map(({ text }) => text).join('\n');

test('a deploy', () => {
  expect(texts(deployLines(result))).toMatchInlineSnapshot(`
    "Revision 4 serves at the Docker daemon (after revision 3)
      image     demo:2
      endpoint  http://127.0.0.1:8080
      golden    552 of 552 golden predictions are equal (rows.jsonl)
      gate      1,950 right answers in 2 s over 50 connections, p99 29.807 ms
      gap       nothing answered for 346 ms"
  `);
});

test('of a speech model says how long it took for the clip', () => {
  const clip = { seconds: 1.2, answeredMs: 234.5, text: 'Ah, you.' };
  const lines = deployLines({ ...result, golden: null, gate: null, clip });
  expect(lines.map(({ text }) => text)).toContain('  clip      A clip of 1.2 s was transcribed in 235 ms');
});

test('a dry run is the difference, with its tones', () => {
  expect(deployLines({ ...result, outcome: 'dry-run' })).toEqual([
    { text: 'Container demo changes', tone: 'plain' },
    { text: '  ~ image: demo:1 -> demo:2', tone: 'change' },
  ]);
});

test('nothing to change', () => {
  const lines = deployLines({ ...result, outcome: 'unchanged' });
  expect(lines[0]?.text).toBe('Nothing to change: revision 4 serves at the Docker daemon');
});

test('a rollback', () => {
  const rolledBack = { target: 'docker', place: 'X', from: 4, revision: 3, endpoint: null, gapMs: null } as const;
  expect(texts(rollbackLines(rolledBack))).toBe('Revision 3 serves at X instead of 4');
});

test('a status is a table of the last deploys', () => {
  const common = { modelDigest: `sha256:${'a'.repeat(64)}`, configDigest: undefined };
  const status = {
    target: 'eks',
    place: 'EKS cluster c',
    name: 'demo',
    revision: 3,
    image: 'demo:1',
    endpoint: null,
    replicas: { ready: 2, wanted: 3 },
    autoscaling: { min: 3, max: 10, current: 3 },
    history: [
      {
        ...common,
        revision: 4,
        image: 'demo:2',
        deployedAt: '2026-01-02T03:04:05.678Z',
        result: 'failed',
        why: 'It broke.',
      },
      { ...common, revision: 3, image: 'demo:1', deployedAt: '2026-01-01T00:00:00Z', result: 'serving' },
    ],
  } as const;
  const lines = statusLines(status);
  expect(texts(lines)).toMatchInlineSnapshot(`
    "demo at EKS cluster c
      revision  3
      image     demo:1
      replicas  2 of 3 ready
      scaling   3 now, 3 to 10

      revision  result   deployed (UTC)       model         image
      4         failed   2026-01-02 03:04:05  aaaaaaaaaaaa  demo:2
        It broke.
      3         serving  2026-01-01 00:00:00  aaaaaaaaaaaa  demo:1"
  `);
  expect(lines[1]?.tone).toBe('danger');
});

test('what was never deployed', () => {
  const nothing = { revision: null, image: null, endpoint: null, replicas: { ready: 0, wanted: 0 }, autoscaling: null };
  const status = { target: 'docker', place: 'the Docker daemon', name: 'demo', history: [], ...nothing } as const;
  expect(texts(statusLines(status))).toContain('demo is not deployed to the Docker daemon');
});

test('a difference of settings has what is new, what is gone and what is other', () => {
  expect(texts(settingsPreview('It', { a: '1', b: '2', c: '3' }, { a: '1', b: '3', d: '4' }).lines)).toBe(
    'It changes\n  ~ b: 2 -> 3\n  ~ c: 3 -> none\n  ~ d: none -> 4',
  );
  expect(settingsPreview('It', { a: '1' }, { a: '1' }).hasChanges).toBe(false);
  expect(texts(settingsPreview('It', undefined, { a: '1' }).lines)).toBe('It is new\n  + a: 1');
});
