import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { addressOf, argumentValue, type Block, parseTemplates, readTemplates, textsIn } from '../../support/hcl.js';

const folder = join(import.meta.dirname, '../../../templates/terraform/aws');
const readme = readFileSync(join(folder, 'README.md'), 'utf8');
let blocks: Block[];
let tests: Block[];

beforeAll(async () => {
  blocks = await parseTemplates(readTemplates(folder));
  tests = await parseTemplates(readTemplates(join(folder, 'tests'), '.tftest.hcl'));
});

const named = (name: string) => blocks.filter((block) => block.name === name);
const text = (block: Block, name: string) => String(argumentValue(block, name));
/** `${list(string)}` -> `list(string)` */
const bare = (value: unknown) => String(value).replace(/^\$\{(.*)\}$/s, '$1');

/** The rows of the README's tables whose first cell is code, without that table's heading. */
function rows(heading: string): string[][] {
  const lines = readme.split('\n');
  const found: string[][] = [];
  for (let at = lines.indexOf(heading); at !== -1; at = lines.indexOf(heading, at + 1)) {
    for (let row = at + 2; lines[row]?.startsWith('| '); row += 1) {
      found.push((lines[row] ?? '').slice(2, -2).split(' | '));
    }
  }
  return found;
}

function defaultText(variable: Block): string {
  if (!variable.arguments.some(({ name }) => name === 'default')) return '**required**';
  return `\`${JSON.stringify(argumentValue(variable, 'default')).replaceAll('","', '", "')}\``;
}

describe('the README', () => {
  test('lists every variable with its type, default and description, in the order of the files', () => {
    const expected = ['variables.tf', 'variables_cluster.tf', 'variables_pipeline.tf'].flatMap((file) =>
      named('variable')
        .filter((variable) => variable.file === file)
        .map((variable) => [
          `\`${variable.labels[0]}\``,
          bare(argumentValue(variable, 'type')),
          defaultText(variable),
          text(variable, 'description').replaceAll('<', '\\<'),
        ]),
    );
    expect(expected).toHaveLength(named('variable').length);
    expect(rows('| variable | type | default | what it is |')).toEqual(expected);
  });

  test('says of every switch how it stands, and names files that are there', () => {
    const switches = named('variable').filter(({ labels }) => labels[0]?.startsWith('enable_'));
    const expected = switches.map((one) => [`\`${one.labels[0]}\``, argumentValue(one, 'default') ? 'on' : 'off']);
    const told = rows('| switch | default | makes | files |');
    expect(told.map(([name, state]) => [name, state])).toEqual(expected);
    for (const [, , , files = ''] of told) {
      for (const file of files.split(', ')) expect(existsSync(join(folder, file)), file).toBe(true);
    }
  });
});

describe('every variable', () => {
  test('has a type and a description, and a validation unless it is a switch', () => {
    const incomplete = named('variable').filter((variable) => {
      const type = argumentValue(variable, 'type');
      const isValidated = bare(type) === 'bool' || variable.blocks.some(({ name }) => name === 'validation');
      return type === undefined || text(variable, 'description').length < 10 || !isValidated;
    });
    expect(incomplete.map(addressOf)).toEqual([]);
  });

  test('is refused by a test once for each of its validations', () => {
    const refused = tests.flatMap((run) => textsIn(argumentValue(run, 'expect_failures')).map(bare));
    const short = named('variable').flatMap((variable) => {
      const validations = variable.blocks.filter(({ name }) => name === 'validation').length;
      const times = refused.filter((address) => address === addressOf(variable)).length;
      return times < validations ? [`${addressOf(variable)}: ${times} of ${validations}`] : [];
    });
    expect(short).toEqual([]);
  });
});

test('every switch is a test for itself, on and off', () => {
  const values = (name: string) => {
    const given = tests.flatMap((run) => run.blocks.filter((block) => block.name === 'variables'));
    const ofFile = tests.filter((block) => block.name === 'variables');
    return [...given, ...ofFile].map((block) => argumentValue(block, name)).filter((value) => value !== undefined);
  };
  const untested = named('variable').flatMap((variable) => {
    const [name = ''] = variable.labels;
    const standard = argumentValue(variable, 'default');
    return !name.startsWith('enable_') || values(name).includes(!standard) ? [] : [name];
  });
  expect(untested).toEqual([]);
});

test('every output is described, and null is expected of all that a switch can take away', () => {
  const always = ['account_id', 'alarm_topic_arn', 'project', 'region'];
  const off = tests.find((block) => block.name === 'run' && block.labels[0] === 'everything_off');
  const asserted = textsIn((off?.blocks ?? []).flatMap((block) => block.arguments.map(({ value }) => value)));
  const seen = new Set([...asserted.join().matchAll(/output\.(\w+)/g)].map(([, name]) => name));
  const names = named('output').map(({ labels }) => labels[0] ?? '');
  expect(names.filter((name) => !seen.has(name)).sort()).toEqual(always);
  expect(named('output').filter((output) => argumentValue(output, 'description') === undefined)).toEqual([]);
});

describe('what only shows when it is too late', () => {
  const find = (address: string) => blocks.find((block) => block.name === 'resource' && addressOf(block) === address);

  // Terraform destroys in the opposite order, so each of these counts twice.
  test.each([
    ['aws_s3_bucket.data', ['aws_kms_key.data']],
    ['aws_s3_bucket_notification.recordings', ['aws_sqs_queue_policy.recordings']],
    ['aws_s3_bucket_logging.data', ['aws_s3_bucket_policy.access_logs']],
    ['aws_eks_cluster.main', ['aws_cloudwatch_log_group.eks', 'aws_iam_role_policy_attachment.eks_cluster']],
    ['aws_eks_node_group.main', ['aws_route.private_nat', 'aws_iam_role_policy_attachment.eks_node']],
    ['aws_eks_addon.after_nodes', ['aws_cloudwatch_log_group.container_insights', 'aws_eks_node_group.main']],
    ['aws_lambda_function.transcribe', ['aws_iam_role_policy.function_runs', 'aws_cloudwatch_log_group.function']],
    ['aws_lambda_function.load', ['aws_iam_role_policy.function_runs', 'aws_cloudwatch_log_group.function']],
    ['aws_nat_gateway.main', ['aws_route.public_internet']],
    ['aws_instance.compute', ['aws_route.private_nat']],
  ])('%s comes after, and goes before, %s', (address, first) => {
    const block = find(address);
    const named = textsIn(block === undefined ? [] : argumentValue(block, 'depends_on')).map(bare);
    expect(named).toEqual(expect.arrayContaining(first.map((name) => expect.stringMatching(name))));
  });

  test('new nodes stand before old ones go, and nothing is ignored but what is meant to be', () => {
    const lifecycles = blocks.flatMap((block) =>
      block.blocks.flatMap((inner) => (inner.name === 'lifecycle' ? [{ address: addressOf(block), inner }] : [])),
    );
    const first = lifecycles.filter(({ inner }) => argumentValue(inner, 'create_before_destroy') === true);
    expect(first.map(({ address }) => address)).toEqual(['aws_eks_node_group.main']);
    const ignored = lifecycles.flatMap(({ address, inner }) => {
      const names = textsIn(argumentValue(inner, 'ignore_changes')).map(bare);
      return names.map((name) => `${address}: ${name}`);
    });
    expect(ignored.sort()).toEqual(['aws_instance.compute: ami', 'terraform_data.warehouse_made: input']);
  });
});
