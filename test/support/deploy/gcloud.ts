import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';
import type { ProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { tempDir } from '../temp-dir.js';

const program = join(import.meta.dirname, 'gcloud-stand-in.mjs');

type Call = (args: readonly string[], dir: string) => { exitCode: number; stdout: string; stderr: string };

export interface GcloudStandIn {
  readonly dir: string;
  /** Answers as the program on the PATH does, without a process for each call. */
  readonly runner: ProcessRunner;
  /** The arguments of every call, in order. */
  calls(): string[][];
  /** Those of the calls that change something. */
  changes(): string[][];
  state(): { members: string[]; service: { status: { traffic: unknown[] } } | null };
  set(state: Record<string, unknown>): void;
}

/** Puts a recording gcloud on the PATH of this test. `tagUrl` is where a candidate answers. */
export async function gcloudStandIn(state: Record<string, unknown> = {}): Promise<GcloudStandIn> {
  const dir = await tempDir();
  const file = join(dir, 'state.json');
  await writeFile(join(dir, 'gcloud'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(join(dir, 'gcloud'), 0o755);
  await writeFile(file, JSON.stringify(state));
  await writeFile(join(dir, 'calls.jsonl'), '');
  vi.stubEnv('PATH', `${dir}${delimiter}${process.env.PATH}`);
  vi.stubEnv('GCLOUD_STAND_IN', dir);
  const read = () => JSON.parse(readFileSync(file, 'utf8'));
  const calls = (): string[][] =>
    readFileSync(join(dir, 'calls.jsonl'), 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text));
  const { gcloud } = (await import(program)) as { gcloud: Call };
  const runner: ProcessRunner = {
    run: async (name, args) => {
      if (name !== 'gcloud') throw new Error(`A test ran ${name}`);
      return gcloud(args, dir);
    },
    start: (name) => Promise.reject(new Error(`A test started ${name}`)),
  };
  const reading = /describe|list|get-iam-policy|print-identity-token/;
  return {
    dir,
    runner,
    calls,
    changes: () => calls().filter((args) => !reading.test(args.join(' '))),
    state: read,
    set: (changed) => writeFileSync(file, JSON.stringify({ ...read(), ...changed })),
  };
}
