import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { RulesFile } from '../../src/lib/slo/compile/rules-file.js';
import { tempDir } from './temp-dir.js';

const run = promisify(execFile);

/** One series in promtool's notation, such as `0+10x60`. */
export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

export interface ExpectedAlert {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts: readonly {
    readonly exp_labels: Readonly<Record<string, string>>;
    readonly exp_annotations: Readonly<Record<string, string>>;
  }[];
}

export interface ExpectedSamples {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

export interface RuleTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly InputSeries[];
  readonly alert_rule_test?: readonly ExpectedAlert[];
  readonly promql_expr_test?: readonly ExpectedSamples[];
}

/** `promtool check rules`; its own output says how many rules it read. */
export async function checkRules(promtool: string, rules: string): Promise<string> {
  const file = join(await tempDir(), 'rules.yaml');
  await writeFile(file, rules);
  const { stdout } = await run(promtool, ['check', 'rules', file]);
  return stdout;
}

/**
 * `promtool test rules`. Rejects with what promtool found different.
 * @param every how often all rules are evaluated, whatever their groups say; each time costs as much as reading all windows
 */
export async function testRules(
  promtool: string,
  rules: RulesFile,
  tests: readonly RuleTest[],
  every = '1m',
): Promise<void> {
  const dir = await tempDir();
  await writeFile(join(dir, 'rules.yaml'), stringify(rules, { aliasDuplicateObjects: false, lineWidth: 0 }));
  const file = join(dir, 'tests.yaml');
  await writeFile(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: every, tests }));
  try {
    await run(promtool, ['test', 'rules', file], { maxBuffer: 2 ** 24 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`);
  }
}
