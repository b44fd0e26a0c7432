/** The part of terraform's JSON plan that is read here. Source: https://developer.hashicorp.com/terraform/internals/json-format */
export interface RawPlan {
  readonly terraform_version?: string;
  readonly resource_changes?: readonly RawResourceChange[];
  readonly resource_drift?: readonly RawResourceChange[];
  /** Attributes that something in the plan depends on. */
  readonly relevant_attributes?: ReadonlyArray<{
    readonly resource: string;
    readonly attribute: ReadonlyArray<string | number>;
  }>;
  readonly output_changes?: Readonly<Record<string, RawChange>>;
}

export interface RawResourceChange {
  readonly address: string;
  readonly type: string;
  readonly mode?: string;
  readonly deposed?: string;
  readonly action_reason?: string;
  readonly change: RawChange;
}

export interface RawChange {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  /** `true` or a structure of `true` at every place whose value is known only after the apply. */
  readonly after_unknown?: unknown;
  /** The same for places whose value must not be shown. */
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly replace_paths?: ReadonlyArray<ReadonlyArray<string | number>>;
  readonly importing?: unknown;
}
