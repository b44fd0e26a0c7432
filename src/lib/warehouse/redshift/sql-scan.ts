/** A piece of SQL as far as we look: words, names and texts in quotes, comments, and everything else one by one. */
export interface SqlToken {
  readonly kind: 'word' | 'number' | 'quoted' | 'text' | 'parameter' | 'comment' | 'space' | 'symbol';
  readonly text: string;
}

const pieces: readonly (readonly [SqlToken['kind'], RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['text', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")*"/y],
  ['symbol', /::/y],
  ['parameter', /:[a-z_][a-z0-9_]*/iy],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['number', /\d+(?:\.\d+)?/y],
];

/** Cuts SQL into its tokens; joined they are the SQL again. */
export function scanSql(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length; ) {
    const token = tokenAt(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): SqlToken {
  for (const [kind, pattern] of pieces) {
    pattern.lastIndex = at;
    const [text] = pattern.exec(sql) ?? [];
    if (text !== undefined) return { kind, text };
  }
  return { kind: 'symbol', text: sql[at] ?? '' };
}

/** What carries meaning: neither space nor comment. */
export function meaningful(tokens: readonly SqlToken[]): readonly SqlToken[] {
  return tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment');
}

/** `:name` of the Data API as `$1`, with the values in that order. A name that has no value stays as it is. */
export function positional(sql: string, parameters: Readonly<Record<string, string>>): [string, string[]] {
  const names: string[] = [];
  const text = scanSql(sql).map((token) => {
    const name = token.text.slice(1);
    if (token.kind !== 'parameter' || parameters[name] === undefined) return token.text;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return [text.join(''), names.map((name) => parameters[name] ?? '')];
}
