import { expect, test } from 'vitest';
import { managedResources } from '../../../src/lib/infrastructure/state.js';

test('a state file: managed resources by address, with modules and keys; no data, nothing deposed', () => {
  const of = (mode: string, name: string, instances: object[], module?: string) => {
    return { mode, type: 'aws_vpc', name, instances, ...(module === undefined ? {} : { module }) };
  };
  const state = {
    resources: [
      of('managed', 'one', [{ attributes: { id: 'a' } }, { deposed: '1f', attributes: { id: 'old' } }]),
      of('managed', 'many', [{ index_key: 0 }, { index_key: 'eu-west-1a' }]),
      of('managed', 'inner', [{ attributes: { id: 'b' } }], 'module.network["x"]'),
      of('data', 'read', [{ attributes: { id: 'c' } }]),
    ],
  };
  expect(managedResources(state)).toEqual([
    { address: 'aws_vpc.one', kind: 'aws_vpc', values: { id: 'a' } },
    { address: 'aws_vpc.many[0]', kind: 'aws_vpc', values: {} },
    { address: 'aws_vpc.many["eu-west-1a"]', kind: 'aws_vpc', values: {} },
    { address: 'module.network["x"].aws_vpc.inner', kind: 'aws_vpc', values: { id: 'b' } },
  ]);
  expect(managedResources(undefined)).toEqual([]);
});
