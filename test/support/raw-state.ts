import type { RawState } from '../../src/lib/infrastructure/terraform/terraform.js';

type Entry = readonly [address: string, values: Readonly<Record<string, unknown>>];

/** A state file with these resources, as `terraform state pull` prints it. */
export function rawState(entries: readonly Entry[]): RawState {
  return {
    resources: entries.map(([address, attributes]) => {
      const [, type = '', name = '', key] = /^(\w+)\.(\w+)(?:\[(.*)\])?$/.exec(address) ?? [];
      const index = key === undefined ? {} : { index_key: JSON.parse(key) as string | number };
      return { mode: 'managed', type, name, instances: [{ ...index, attributes }] };
    }),
  };
}
