import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import { currentOutputs, provision } from '../../../src/lib/infrastructure/provision.js';
import { provisionLines } from '../../../src/lib/infrastructure/result-lines.js';
import { errorOf } from '../../support/errors.js';
import { fakeTerraform } from '../../support/fake-terraform.js';
import { answering, plainProvision, projectWith, testDeps } from '../../support/infrastructure-deps.js';

const variables = `
variable "name" {
  type = string
}
variable "token" {
  type      = string
  sensitive = true
  ephemeral = true
}
`;

const createdPlan = {
  terraform_version: '1.11.4',
  resource_changes: [{ address: 'x.y', type: 'x', mode: 'managed', change: { actions: ['create'], before: null } }],
};
const event = (type: string, action = 'create') =>
  JSON.stringify({ type, [type === 'planned_change' ? 'change' : 'hook']: { resource: { addr: 'x.y' }, action } });
const diagnostic = (summary: string, detail: string) =>
  JSON.stringify({ type: 'diagnostic', diagnostic: { severity: 'error', summary, detail, address: 'x.y' } });

function withPlan(plan: object, rest: Parameters<typeof fakeTerraform>[0] = {}) {
  let planFile = '';
  const terraform = fakeTerraform({
    plan: async ({ args }) => {
      planFile = args.find((arg) => arg.startsWith('-out='))?.slice('-out='.length) ?? '';
      await writeFile(planFile, 'plan');
      return {};
    },
    show: () => ({ stdout: JSON.stringify(plan) }),
    apply: () => ({ stdout: [event('planned_change'), event('apply_start'), event('apply_complete')].join('\n') }),
    output: () => ({
      stdout: JSON.stringify({
        url: { value: 'x' },
        next_step: { value: 'mlops build --lambda --push' },
        key: { value: 'planted', sensitive: true },
      }),
    }),
    ...rest,
  });
  return { ...terraform, planFile: () => planFile };
}

test('plans, shows, asks, applies exactly that plan, saves the outputs, and leaves no plan file', async () => {
  const project = await projectWith('gcp', { 'main.tf': variables });
  const terraform = withPlan(createdPlan);
  const confirm = answering(true);
  const deps = testDeps({ runner: terraform.runner, confirm });
  const result = await provision({ ...plainProvision, project }, deps);
  expect(terraform.commands()).toEqual([
    'version',
    'init',
    'state pull',
    'validate',
    'plan',
    'show',
    'apply',
    'output',
  ]);
  expect(terraform.calls.find(({ args }) => args[0] === 'apply')?.args.at(-1)).toBe(terraform.planFile());
  expect(confirm.questions).toEqual(['Apply this plan (1 to create, 0 to change, 0 to replace, 0 to destroy)?']);
  expect(deps.said).toContain('  + x (y)');
  expect(result).toMatchObject({ action: 'apply', applied: { created: 1, changed: 0, destroyed: 0 } });
  expect(result.next[0]).toMatch(/^mlops build --lambda --push/);
  const saved = await readFile(join(project.infra, 'outputs.json'), 'utf8');
  expect(JSON.parse(saved)).toEqual({ url: 'x', next_step: 'mlops build --lambda --push' });
  expect(JSON.stringify(result) + provisionLines(result).map(({ text }) => text)).not.toContain('planted');
  await expect(stat(dirname(terraform.planFile()))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('terraform never prompts, is in automation mode and is told so on every call', async () => {
  const project = await projectWith('gcp', { 'main.tf': variables });
  const terraform = withPlan(createdPlan);
  await provision({ ...plainProvision, project }, testDeps({ runner: terraform.runner }));
  const working = terraform.calls.filter(({ args }) => args[0] !== 'version');
  // Out of reach of the terminal's own Ctrl-C: terraform is to get one, and from us.
  const started = working.filter(({ args }) => ['init', 'plan', 'apply'].includes(args[0] ?? ''));
  expect(started.map(({ options }) => options)).toMatchObject(Array(3).fill({ survives: true }));
  for (const { options } of working) {
    expect(options.env).toMatchObject({ TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' });
    expect(options.cwd).toBe(project.infra);
    expect(Object.keys(options.env ?? {})).not.toContain('TF_LOG');
  }
});

test('a secret goes to terraform by its environment and nowhere else', async () => {
  const project = await projectWith('gcp', { 'main.tf': variables });
  const terraform = withPlan(createdPlan, {
    apply: () => ({ exitCode: 1, stdout: diagnostic('oh', 'the value planted-secret is bad') }),
  });
  const deps = testDeps({
    runner: terraform.runner,
    env: { GOOGLE_OAUTH_ACCESS_TOKEN: 'x', TOKEN: 'planted-secret' },
  });
  const error = await errorOf(() => provision({ ...plainProvision, project, set: ['token=env://TOKEN'] }, deps));
  expect(error.why).toContain('the value [redacted] is bad');
  for (const { args, options } of terraform.calls.slice(1)) {
    expect(args.join(' ')).not.toContain('planted-secret');
    expect(options.env).toMatchObject({ TF_VAR_token: 'planted-secret' });
  }
  for (const name of await readdir(project.infra)) {
    expect(await readFile(join(project.infra, name), 'utf8')).not.toContain('planted-secret');
  }
  expect(deps.said.join('\n')).not.toContain('planted-secret');
});

describe('nothing is applied', () => {
  test('by a dry run, which writes its files', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const terraform = withPlan(createdPlan);
    const files = { planFile: join(project.dir, 'plan.json'), markdownFile: join(project.dir, 'plan.md') };
    const confirm = {
      ...answering(true),
      requireAnswerable: () => {
        throw new Error('a dry run asks nobody');
      },
    };
    const result = await provision(
      { ...plainProvision, ...files, project, dryRun: true },
      testDeps({ runner: terraform.runner, confirm }),
    );
    expect(result).toMatchObject({ action: 'plan', applied: null, outputs: null });
    expect(terraform.commands()).not.toContain('apply');
    expect(JSON.parse(await readFile(files.planFile, 'utf8'))).toMatchObject({ format: 1, counts: { create: 1 } });
    expect(await readFile(files.markdownFile, 'utf8')).toContain('### Infrastructure plan: demo on gcp');
  });

  test('when a file that is asked for cannot be written: terraform is not even started', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const terraform = withPlan(createdPlan);
    const deps = testDeps({ runner: terraform.runner });
    for (const name of ['planFile', 'markdownFile']) {
      const error = await errorOf(() =>
        provision({ ...plainProvision, project, dryRun: true, [name]: join(project.dir, 'no', 'plan') }, deps),
      );
      expect(error).toMatchObject({ code: 'FILE_NOT_WRITABLE', exitCode: 2 });
    }
    expect(terraform.calls).toEqual([]);
  });

  test('when another run wrote other variables in the meantime', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const terraform = withPlan(createdPlan, {
      plan: async ({ args }) => {
        await writeFile(args.find((arg) => arg.startsWith('-out='))?.slice('-out='.length) ?? '', 'plan');
        await writeFile(join(project.infra, 'terraform.tfvars.json'), '{"name": "theirs"}');
        return {};
      },
    });
    const error = await errorOf(() =>
      provision({ ...plainProvision, project }, testDeps({ runner: terraform.runner })),
    );
    expect(error).toMatchObject({ code: 'VARIABLES_CHANGED', exitCode: 1 });
    expect(terraform.commands()).not.toContain('apply');
  });

  test('without a yes', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const terraform = withPlan(createdPlan);
    const deps = testDeps({ runner: terraform.runner, confirm: answering(false) });
    expect(await errorOf(() => provision({ ...plainProvision, project }, deps))).toMatchObject({
      code: 'NOT_CONFIRMED',
      exitCode: 1,
    });
    expect(terraform.commands()).not.toContain('apply');
  });

  test('when nobody can be asked: terraform is not even started', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const terraform = withPlan(createdPlan);
    const refuse = () => {
      throw new UsageError('no', { code: 'CONFIRMATION_REQUIRED' });
    };
    const deps = testDeps({ runner: terraform.runner, confirm: { ...answering(true), requireAnswerable: refuse } });
    expect(await errorOf(() => provision({ ...plainProvision, project }, deps))).toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
    });
    expect(terraform.calls).toEqual([]);
  });

  test('when nothing changes', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const terraform = withPlan({ resource_changes: [] });
    const confirm = answering(false);
    const result = await provision({ ...plainProvision, project }, testDeps({ runner: terraform.runner, confirm }));
    expect(result).toMatchObject({ action: 'none', applied: null });
    expect(confirm.questions).toEqual([]);
  });
});

test('the question says that something is taken away', async () => {
  const project = await projectWith('gcp', { 'main.tf': variables });
  const change = { address: 'x.y', type: 'x', mode: 'managed', change: { actions: ['delete', 'create'] } };
  const confirm = answering(true);
  const terraform = withPlan({ resource_changes: [change] });
  await provision({ ...plainProvision, project }, testDeps({ runner: terraform.runner, confirm }));
  expect(confirm.questions[0]).toMatch(/1 of them take something away/);
});

test('what --set gave is named, without its value, as good for this run only', async () => {
  const project = await projectWith('gcp', { 'main.tf': variables });
  const deps = testDeps({ runner: withPlan(createdPlan).runner });
  await provision({ ...plainProvision, project, set: ['name=other'] }, deps);
  expect(deps.said).toContainEqual(expect.stringMatching(/^--set name counts for this run only.*mlops\.yaml$/));
});

test('a failed apply says what is done, what failed where, and that the next run goes on', async () => {
  const project = await projectWith('gcp', { 'main.tf': variables });
  const lines = [
    event('planned_change'),
    event('apply_start'),
    event('apply_errored'),
    diagnostic('creating', 'VpcLimitExceeded: 5'),
  ];
  const terraform = withPlan(createdPlan, { apply: () => ({ exitCode: 1, stdout: lines.join('\n') }) });
  const error = await errorOf(() => provision({ ...plainProvision, project }, testDeps({ runner: terraform.runner })));
  expect(error).toMatchObject({ code: 'TERRAFORM_FAILED', exitCode: 1 });
  expect(error.why).toContain('0 of 1 changes were made and are in the state: the next run goes on from there.');
  expect(error.why).toContain('x.y\n  creating\n  VpcLimitExceeded: 5');
  expect(error.actions[0]).toContain('quota');
});

describe('interrupts', () => {
  test('terraform gets exactly one signal, and what was done is said', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const stop = new AbortController();
    const lines = [event('planned_change'), event('apply_start'), event('apply_errored')];
    const terraform = withPlan(createdPlan, {
      apply: async ({ signalled }) => {
        stop.abort('SIGTERM');
        expect(await signalled).toBe('SIGINT');
        return { exitCode: 1, stdout: lines.join('\n') };
      },
    });
    const interrupts = { stop: stop.signal, giveUp: new AbortController().signal };
    const deps = testDeps({ runner: terraform.runner, interrupts });
    const error = await errorOf(() => provision({ ...plainProvision, project }, deps));
    expect(error).toMatchObject({
      code: 'INTERRUPTED',
      exitCode: 130,
      message: 'Interrupted: 0 of 1 changes were made',
    });
    expect(error.why).toBe('The state is saved and its lock is released.\nNot finished: x.y.');
    expect(error.actions).toEqual(['Run `mlops provision` again to go on']);
    expect(terraform.signals).toEqual(['SIGINT']);
  });

  test('giving up sends a second one and does not claim that all is well', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const [stop, giveUp] = [new AbortController(), new AbortController()];
    const terraform = withPlan(createdPlan, {
      apply: async ({ signalled }) => {
        stop.abort('SIGINT');
        await signalled;
        giveUp.abort('SIGINT');
        return { exitCode: 1 };
      },
    });
    const interrupts = { stop: stop.signal, giveUp: giveUp.signal };
    const error = await errorOf(() =>
      provision({ ...plainProvision, project }, testDeps({ runner: terraform.runner, interrupts })),
    );
    expect(error.why).toContain('may exist without being in the state');
    expect(terraform.signals).toEqual(['SIGINT', 'SIGINT']);
  });

  test('nothing new is begun after one', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const stop = new AbortController();
    const terraform = withPlan(createdPlan, {
      init: () => {
        stop.abort('SIGINT');
        return {};
      },
    });
    const interrupts = { stop: stop.signal, giveUp: new AbortController().signal };
    const deps = testDeps({ runner: terraform.runner, interrupts });
    expect(await errorOf(() => provision({ ...plainProvision, project }, deps))).toMatchObject({ exitCode: 130 });
    expect(terraform.commands()).not.toContain('plan');
  });
});

describe('outputs', () => {
  test('are read from terraform and saved; sensitive ones are named only', async () => {
    const project = await projectWith('gcp', { 'main.tf': variables });
    const terraform = withPlan({});
    const outputs = await currentOutputs({ ...plainProvision, project }, testDeps({ runner: terraform.runner }));
    expect(outputs).toMatchObject({ url: { sensitive: false, value: 'x' }, key: { sensitive: true, value: null } });
  });

  test('of nothing are wrong usage', async () => {
    const project = await projectWith('gcp', {});
    const error = await errorOf(() => currentOutputs({ ...plainProvision, project }, testDeps({})));
    expect(error).toMatchObject({ code: 'NOT_PROVISIONED', exitCode: 2 });
  });
});
