import { describe, expect, test } from 'vitest';
import { changedAttributes } from '../../../src/lib/infrastructure/plan/attributes.js';
import { planLines } from '../../../src/lib/infrastructure/plan/lines.js';
import { planMarkdown } from '../../../src/lib/infrastructure/plan/markdown.js';
import type { RawChange, RawPlan, RawResourceChange } from '../../../src/lib/infrastructure/plan/raw.js';
import { endangered, summarizePlan } from '../../../src/lib/infrastructure/plan/summary.js';

const planted = 'hunter2-planted';

function change(address: string, actions: string[], rest: Partial<RawChange> = {}): RawResourceChange {
  const type = address.split('.')[0] ?? '';
  return { address, type, mode: 'managed', change: { actions, before: null, after: null, ...rest } };
}

const plan: RawPlan = {
  terraform_version: '1.11.4',
  resource_changes: [
    change('aws_subnet.b[1]', ['create'], { after: { tags: { a: '1' } } }),
    change('aws_subnet.b[0]', ['create']),
    change('aws_vpc.main', ['no-op']),
    { ...change('data.aws_ami.x', ['read']), mode: 'data' },
    change('aws_instance.app', ['update'], {
      before: { instance_type: 't3.micro', user_data: planted, tags: { a: '1', b: '2' } },
      after: { instance_type: 't3.small', user_data: `${planted}-new`, tags: { a: '1' } },
      before_sensitive: { user_data: true },
      after_sensitive: { user_data: true },
    }),
    {
      ...change('aws_db.main', ['delete', 'create'], {
        before: { name: 'old', arn: 'x', size: 1 },
        after: { name: 'new', size: 1 },
        after_unknown: { arn: true },
        replace_paths: [['name']],
      }),
      action_reason: 'replace_because_cannot_update',
    },
    { ...change('aws_eip.a', ['delete']), action_reason: 'delete_because_no_resource_config' },
    change('aws_s3_bucket.data', ['no-op'], { importing: { id: 'x' } }),
  ],
  resource_drift: [
    change('aws_security_group.x', ['update'], { before: { ingress: [] }, after: { ingress: [{ port: 22 }] } }),
    change('aws_role.x', ['delete']),
  ],
  relevant_attributes: [{ resource: 'aws_security_group.x', attribute: ['ingress'] }],
  output_changes: {
    token: { actions: ['create'], after: planted, after_sensitive: true },
    same: { actions: ['no-op'] },
  },
};

test('outputs alone are a change, as they are for terraform', () => {
  const plan = { resource_changes: [], output_changes: { url: { actions: ['create'] }, same: { actions: ['no-op'] } } };
  expect(summarizePlan(plan)).toMatchObject({ hasChanges: true, outputs: [{ name: 'url' }] });
  expect(summarizePlan({ output_changes: { same: { actions: ['no-op'] } } }).hasChanges).toBe(false);
});

describe('summary', () => {
  const summary = summarizePlan(plan);

  test('counts by what happens; data sources and unchanged things are left out', () => {
    expect(summary.counts).toEqual({ create: 2, change: 1, replace: 1, destroy: 1, import: 1, forget: 0 });
    expect(summary.hasChanges).toBe(true);
    expect(summary.changes.map(({ address }) => address)).not.toContain('aws_vpc.main');
    expect(endangered(summary).map(({ address }) => address)).toEqual(['aws_db.main', 'aws_eip.a']);
  });

  test('what forces a replacement is marked', () => {
    const replaced = summary.changes.find(({ action }) => action === 'replace');
    expect(replaced?.attributes).toEqual([
      { path: 'name', before: '"old"', after: '"new"', forcesReplacement: true },
      { path: 'arn', before: '"x"', after: '(known after apply)', forcesReplacement: false },
    ]);
  });

  test('drift is what the plan answers to, and what is gone; not every difference that reading brings', () => {
    const drifted = summarizePlan({
      ...plan,
      resource_drift: [
        change('aws_instance.app', ['update'], {
          before: { instance_type: 't3.small', tags_all: null },
          after: { instance_type: 't3.micro', tags_all: {} },
        }),
        change('aws_security_group.x', ['update'], { before: { ingress: [] }, after: { ingress: [{ port: 22 }] } }),
        change('aws_noise.x', ['update'], { before: { tags: null }, after: { tags: {} } }),
        change('aws_role.x', ['delete']),
      ],
      relevant_attributes: [{ resource: 'aws_security_group.x', attribute: ['ingress', 0] }],
    });
    expect(drifted.drift).toEqual([
      {
        address: 'aws_instance.app',
        kind: 'aws_instance',
        gone: false,
        attributes: [{ path: 'instance_type', before: '"t3.small"', after: '"t3.micro"', forcesReplacement: false }],
      },
      {
        address: 'aws_security_group.x',
        kind: 'aws_security_group',
        gone: false,
        attributes: [{ path: 'ingress', before: '[]', after: '[{"port":22}]', forcesReplacement: false }],
      },
      { address: 'aws_role.x', kind: 'aws_role', gone: true, attributes: [] },
    ]);
  });

  test('no sensitive value is in it, in the text or in the Markdown', () => {
    const text = planLines(summary).map((item) => item.text);
    const everything = [JSON.stringify(summary), ...text, planMarkdown(summary, { name: 'x', cloud: 'aws' })].join(
      '\n',
    );
    expect(everything).not.toContain(planted);
    expect(everything).toContain('(sensitive)');
  });

  test('a plan without changes says so', () => {
    const empty = summarizePlan({ resource_changes: [change('aws_vpc.main', ['no-op'])], output_changes: {} });
    expect(empty.hasChanges).toBe(false);
    expect(planLines(empty).at(-1)?.text).toMatch(/^No changes/);
    expect(planMarkdown(empty, { name: 'x', cloud: 'aws' })).toContain('No changes');
  });
});

describe('attributes', () => {
  test('a list with one sensitive member is hidden as a whole when its length changes', () => {
    const attributes = changedAttributes({
      actions: ['update'],
      before: { env: [{ value: planted }] },
      after: { env: [{ value: planted }, { value: 'x' }] },
      before_sensitive: { env: [{ value: true }] },
      after_sensitive: { env: [{ value: true }, {}] },
    });
    expect(attributes).toEqual([
      { path: 'env', before: '(sensitive)', after: '(sensitive)', forcesReplacement: false },
    ]);
  });

  test('a value that turns sensitive is hidden before and after', () => {
    const [attribute] = changedAttributes({
      actions: ['update'],
      before: { a: { b: planted } },
      after: { a: { b: 'y' } },
      before_sensitive: {},
      after_sensitive: { a: true },
    });
    expect(JSON.stringify(attribute)).not.toContain(planted);
  });

  test('unknown parts of a known whole are named by their path', () => {
    const attributes = changedAttributes({
      actions: ['update'],
      before: { rule: [{ id: '1', port: 1 }] },
      after: { rule: [{ port: 1 }] },
      after_unknown: { rule: [{ id: true }] },
    });
    expect(attributes).toEqual([
      { path: 'rule[0].id', before: '"1"', after: '(known after apply)', forcesReplacement: false },
    ]);
  });

  test('long values are cut to where they differ', () => {
    const same = 'x'.repeat(500);
    const [attribute] = changedAttributes({
      actions: ['update'],
      before: { a: `${same}old` },
      after: { a: `${same}new` },
    });
    expect(attribute?.before).toMatch(/^\.\.\.x{116}old"$/);
    expect(attribute?.after).toMatch(/new"$/);
    const [early] = changedAttributes({ actions: ['update'], before: { a: same }, after: { a: 'y' } });
    expect(early).toMatchObject({ before: expect.stringMatching(/^"x{119}\.\.\.$/), after: '"y"' });
  });
});

test('people read what is taken away first, by name and in red', () => {
  const lines = planLines(summarizePlan(plan));
  const danger = lines.filter(({ tone }) => tone === 'danger').map(({ text }) => text);
  expect(danger).toEqual([
    '  - aws_eip.a (because no resource config)',
    '  -/+ aws_db.main: name cannot be changed in place',
  ]);
  const texts = lines.map(({ text }) => text);
  expect(texts).toContain('  + aws_subnet x2 (b[0], b[1])');
  expect(texts).toContain('      instance_type: "t3.micro" -> "t3.small"');
  expect(texts).toContain('  ! aws_security_group.x: ingress');
  expect(texts.at(-1)).toBe('2 to create, 1 to change, 1 to replace, 1 to destroy, 1 to take in');
});

test('Markdown survives backticks and pipes in names and values', () => {
  const tricky = summarizePlan({
    resource_changes: [change('aws_x.y["a`b"]', ['update'], { before: { v: '`|`' }, after: { v: '2' } })],
  });
  const text = planMarkdown(tricky, { name: 'x', cloud: 'aws' });
  expect(text).toContain('- change ``aws_x.y["a`b"]``');
  expect(text).toContain('| 0 | 1 | 0 | 0 |');
});

test('Markdown of a huge plan still fits a comment', () => {
  const many = Array.from({ length: 4000 }, (_value, index) => change(`aws_x.resource_number_${index}`, ['delete']));
  const text = planMarkdown(summarizePlan({ resource_changes: many }), { name: 'x', cloud: 'aws' });
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain('4000 to destroy');
});
