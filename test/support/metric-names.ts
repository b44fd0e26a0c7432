const keywords = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'and',
  'or',
  'unless',
  'offset',
  'bool',
  'start',
  'end',
  'inf',
  'nan',
]);
/** Clauses whose parentheses hold labels, not metrics. */
const labelClause = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/gi;
const strings = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g;

/** The metrics that a PromQL expression reads: every name that is no function, label, duration or keyword. */
export function metricNames(promql: string): string[] {
  const bare = promql
    .replace(strings, '""')
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(labelClause, ' ');
  const names = [...bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\(|[a-zA-Z0-9_:])/g)]
    // What follows a digit or a $ is a unit or a variable of Grafana.
    .filter(({ index }) => !/[\d.$]/.test(bare.charAt(index - 1)))
    .map(([name]) => name);
  return [...new Set(names)].filter((name) => !keywords.has(name.toLowerCase()));
}

/** The labels that a PromQL expression names. */
export interface LabelUse {
  /** Of each selector, `metric{label="value"}`. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** Of `by`, `without`, `on`, `ignoring` and `group_left`. */
  readonly clauses: readonly string[];
}

export function labelUse(promql: string): LabelUse {
  const bare = promql.replace(strings, '""');
  const selectors = [...bare.matchAll(/([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}/g)].map(
    ([, metric = '', matchers = '']) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  );
  const clauses = [...bare.replace(/\{[^}]*\}/g, '').matchAll(labelClause)].flatMap(([clause]) =>
    [...clause.slice(clause.indexOf('(')).matchAll(/\w+/g)].map(([label]) => label),
  );
  return { selectors, clauses: [...new Set(clauses)] };
}
