import { type Diagnostic, parseDiagnostic } from './diagnostics.js';

/** What terraform does to one resource; `replace` is planned as one and applied as a delete and a create. */
export type ResourceAction =
  | 'create'
  | 'update'
  | 'delete'
  | 'replace'
  | 'read'
  | 'import'
  | 'move'
  | 'remove'
  | 'noop';

/**
 * One line of terraform's machine-readable output, reduced to what is used here.
 * Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui (format 1.2).
 */
export type TerraformEvent =
  | { readonly type: 'planned_change'; readonly address: string; readonly action: ResourceAction }
  | {
      readonly type: 'apply_start' | 'apply_progress' | 'apply_complete' | 'apply_errored';
      readonly address: string;
      readonly action: ResourceAction;
    }
  | { readonly type: 'refresh_complete'; readonly address: string }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'other'; readonly message: string };

interface RawEvent {
  readonly type?: string;
  readonly '@message'?: string;
  readonly change?: RawHook;
  readonly hook?: RawHook;
  readonly diagnostic?: unknown;
}

interface RawHook {
  readonly resource?: { readonly addr?: string };
  readonly action?: ResourceAction;
}

/** Reads one line; text that is no event (a crash, a wrapper's greeting) is kept as a message. */
export function parseEvent(line: string): TerraformEvent {
  let raw: RawEvent;
  try {
    raw = JSON.parse(line) as RawEvent;
  } catch {
    return { type: 'other', message: line };
  }
  if (raw.type === 'diagnostic') return { type: 'diagnostic', diagnostic: parseDiagnostic(raw.diagnostic) };
  const hook = raw.change ?? raw.hook;
  const address = hook?.resource?.addr;
  if (address === undefined) return { type: 'other', message: raw['@message'] ?? '' };
  switch (raw.type) {
    case 'planned_change':
    case 'apply_start':
    case 'apply_progress':
    case 'apply_complete':
    case 'apply_errored':
      return { type: raw.type, address, action: hook?.action ?? 'noop' };
    case 'refresh_complete':
      return { type: raw.type, address };
    default:
      return { type: 'other', message: raw['@message'] ?? '' };
  }
}
