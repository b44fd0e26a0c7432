import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { packagedTemplates } from '../../src/lib/infrastructure/folder/working-folder.js';
import { type Moto, startMoto } from './moto.js';
import { type CliRun, type StartedCli, startMlops } from './provision-cli.js';
import { terraformEnv } from './terraform.js';

/** For the tests only: on moto an action that it does not know looks like a fault, and 25 retries like a hang. */
const override = 'provider "aws" {\n  max_retries = 4\n}\n';

/** A project with the templates as they are shipped, and an AWS of its own. */
export class AwsStack {
  readonly name: string;
  readonly dir: string;
  readonly infra: string;
  readonly moto: Moto;
  /** For clients of the AWS SDK. */
  readonly settings;
  #running: StartedCli | undefined;

  private constructor(name: string, dir: string, moto: Moto) {
    this.name = name;
    this.dir = dir;
    this.infra = join(dir, 'infra', 'aws');
    this.moto = moto;
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    this.settings = { endpoint: moto.url, region: 'us-east-1', credentials };
  }

  static async create(name: string): Promise<AwsStack> {
    const dir = await mkdtemp(join(tmpdir(), 'mlops-stack-'));
    const stack = new AwsStack(name, dir, await startMoto());
    await mkdir(stack.infra, { recursive: true });
    await cp(join(packagedTemplates, 'aws'), stack.infra, { recursive: true });
    await writeFile(join(stack.infra, 'test_override.tf'), override);
    await writeFile(join(dir, 'mlops.yaml'), `name: ${name}\n`);
    return stack;
  }

  /** Ends what a failed test left running, without leaving terraform alone with an AWS that is gone. */
  async dispose(): Promise<void> {
    while (this.#running?.child.exitCode === null && this.#running.child.signalCode === null) {
      this.#running.child.kill('SIGINT');
      await Promise.race([this.#running.done, sleep(5_000)]);
    }
    await this.moto.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  get #env(): Record<string, string> {
    return { ...this.moto.env, ...terraformEnv(this.dir) };
  }

  /** Runs `mlops provision --json`. */
  async run(...args: string[]): Promise<CliRun> {
    this.#running = startMlops(['provision', '--json', ...args], { cwd: this.dir, env: this.#env });
    return await this.#running.done;
  }

  /** Runs `mlops provision --json` and expects it to end well. */
  async provision<T>(...args: string[]): Promise<T> {
    const run = await this.run(...args);
    expect(run.exitCode, `${run.stdout}${run.stderr}`.replace(/^ {2}\+.*\n/gm, '')).toBe(0);
    return JSON.parse(run.stdout) as T;
  }

  /** Terraform's own JSON of the state: after an apply every value is known. */
  async state(): Promise<object> {
    return JSON.parse(await this.#terraform('show', '-json')) as object;
  }

  /** Terraform's own JSON of a plan from here on. */
  async plan(...args: string[]): Promise<object> {
    const file = join(this.dir, 'policy.tfplan');
    await this.#terraform('plan', '-input=false', '-refresh=false', `-out=${file}`, ...args);
    return JSON.parse(await this.#terraform('show', '-json', file)) as object;
  }

  async #terraform(...args: string[]): Promise<string> {
    const env = { ...process.env, ...this.#env };
    return (await promisify(execFile)('terraform', args, { cwd: this.infra, env, maxBuffer: 2 ** 26 })).stdout;
  }
}
