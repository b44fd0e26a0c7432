import type { RawState } from './terraform/terraform.js';

/** A resource in the state, with its attributes. They may hold secrets: never printed as a whole. */
export interface StateResource {
  readonly address: string;
  /** Such as `aws_s3_bucket`. */
  readonly kind: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * The managed resources of a state file, those of modules included. `terraform show -json` says the same, and starts every
 * provider for it.
 */
export function managedResources(state: RawState | undefined): StateResource[] {
  return (state?.resources ?? []).flatMap(({ mode, module, type, name, instances = [] }) => {
    if (mode !== 'managed') return [];
    const address = [...(module === undefined ? [] : [module]), type, name].join('.');
    return instances.flatMap(({ index_key: key, deposed, attributes = {} }) => {
      // What is left of a replacement that was cut short has the address of its successor.
      if (deposed !== undefined) return [];
      const index = key === undefined ? '' : `[${JSON.stringify(key)}]`;
      return [{ address: `${address}${index}`, kind: type, values: attributes }];
    });
  });
}

/** A text attribute; undefined for one that is missing, empty or something else. */
export function text(resource: StateResource, name: string): string | undefined {
  const value = resource.values[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Ids and ARNs of everything in the state: what terraform looks after. */
export function managedIds(state: readonly StateResource[]): Set<string> {
  return new Set(state.flatMap((resource) => [text(resource, 'id') ?? [], text(resource, 'arn') ?? []].flat()));
}
