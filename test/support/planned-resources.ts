import type { PlannedResource } from './plan-policy.js';

interface RawModule {
  readonly resources?: ReadonlyArray<{ address: string; mode: string; type: string; values?: Record<string, unknown> }>;
  readonly child_modules?: readonly RawModule[];
}

interface RawDocument {
  readonly planned_values?: { readonly root_module?: RawModule };
  readonly values?: { readonly root_module?: RawModule };
  readonly resource_changes?: ReadonlyArray<{ address: string; change: { after_unknown?: unknown } }>;
  readonly configuration?: {
    readonly root_module?: {
      readonly resources?: ReadonlyArray<{ address: string; expressions?: Record<string, { references?: string[] }> }>;
    };
  };
}

/** The resources of what `terraform show -json` prints for a plan or a state. */
export function plannedResources(document: RawDocument): PlannedResource[] {
  const unknown = new Map(
    (document.resource_changes ?? []).map(({ address, change }) => [address, change.after_unknown]),
  );
  const configured = new Map(
    (document.configuration?.root_module?.resources ?? []).map((one) => [one.address, one.expressions]),
  );
  const collect = (module: RawModule | undefined): PlannedResource[] => {
    if (module === undefined) return [];
    const own = (module.resources ?? []).filter(({ mode }) => mode === 'managed');
    const resources = own.map(({ address, type, values = {} }) => {
      const block = configured.get(address.replace(/\[[^\]]*\]$/, ''));
      const expressions = Object.entries(block ?? {});
      const references = Object.fromEntries(expressions.map(([name, { references: named = [] }]) => [name, named]));
      const after = (unknown.get(address) ?? {}) as Record<string, unknown>;
      const set = block === undefined ? {} : { configured: new Set(Object.keys(block)) };
      return { address, type, values, unknown: after, references, ...set };
    });
    return [...resources, ...(module.child_modules ?? []).flatMap(collect)];
  };
  return collect(document.planned_values?.root_module ?? document.values?.root_module);
}
