import { Parser } from '@oclif/core';
import { expect, test, vi } from 'vitest';
import { scrapeFlags } from '../../../src/lib/cli/scrape-flags.js';

test('job and namespace of the scrape come from the command line, else from the environment', async () => {
  const parsed = async (...args: string[]) => (await Parser.parse(args, { flags: scrapeFlags })).flags;
  expect(await parsed()).toEqual({});
  vi.stubEnv('MLOPS_SLO_JOB', 'a');
  vi.stubEnv('MLOPS_SLO_NAMESPACE', 'b');
  expect(await parsed()).toEqual({ job: 'a', namespace: 'b' });
  expect(await parsed('--job', 'c', '--namespace', '')).toEqual({ job: 'c', namespace: '' });
});
