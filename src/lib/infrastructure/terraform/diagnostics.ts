/** An error or a warning of terraform or of a provider, where it stands in the configuration. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  /** The resource it is about. */
  readonly address: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

interface RawDiagnostic {
  readonly severity?: string;
  readonly summary?: string;
  readonly detail?: string;
  readonly address?: string;
  readonly range?: { readonly filename?: string; readonly start?: { readonly line?: number } };
}

/** The code snippet is left out on purpose: it quotes variable files, whatever they hold. */
export function parseDiagnostic(value: unknown): Diagnostic {
  const raw = (value ?? {}) as RawDiagnostic;
  return {
    severity: raw.severity === 'warning' ? 'warning' : 'error',
    summary: raw.summary ?? '',
    detail: raw.detail ?? '',
    address: raw.address ?? null,
    file: raw.range?.filename ?? null,
    line: raw.range?.start?.line ?? null,
  };
}

/** Errors without repetitions and without `execution halted`, which terraform adds after every failure. */
export function relevantErrors(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const errors = diagnostics.filter(({ severity, summary }) => severity === 'error' && summary !== 'execution halted');
  const seen = new Set<string>();
  return errors.filter((error) => {
    const key = JSON.stringify(error);
    return !seen.has(key) && seen.add(key);
  });
}

/** `aws_s3_bucket.data (storage.tf:12)`, then what went wrong with it, indented. */
export function describeDiagnostic(diagnostic: Diagnostic): string {
  const { address, file, line, summary, detail } = diagnostic;
  const place = file === null ? '' : `${file}${line === null ? '' : `:${line}`}`;
  const head = address === null ? place : place === '' ? address : `${address} (${place})`;
  const text = [summary, ...detail.split('\n')].map((part) => part.trim()).filter((part) => part !== '');
  return head === '' ? text.join('\n') : [head, ...text.map((part) => `  ${part}`)].join('\n');
}
