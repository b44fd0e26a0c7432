import type { Terraform } from './terraform/terraform.js';

/** A resource in the state, with its attributes. They may hold secrets: never printed as a whole. */
export interface StateResource {
  readonly address: string;
  /** Such as `aws_s3_bucket`. */
  readonly kind: string;
  readonly values: Readonly<Record<string, unknown>>;
}

interface RawModule {
  readonly resources?: ReadonlyArray<{
    readonly address: string;
    readonly mode: string;
    readonly type: string;
    readonly values?: Record<string, unknown>;
  }>;
  readonly child_modules?: readonly RawModule[];
}

/** The managed resources of the state, those of modules included. */
export async function readState(terraform: Terraform): Promise<StateResource[]> {
  const state = await terraform.show<{ values?: { root_module?: RawModule } }>();
  return collect(state.values?.root_module);
}

function collect(module: RawModule | undefined): StateResource[] {
  if (module === undefined) return [];
  const own = (module.resources ?? [])
    .filter(({ mode }) => mode === 'managed')
    .map(({ address, type, values }) => ({ address, kind: type, values: values ?? {} }));
  return [...own, ...(module.child_modules ?? []).flatMap(collect)];
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
