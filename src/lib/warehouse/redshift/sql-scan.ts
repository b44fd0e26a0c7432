/** A piece of SQL as far as we look: words, names and texts in quotes, comments, and everything else one by one. */
export interface SqlToken {
  readonly kind: 'word' | 'number' | 'quoted' | 'text' | 'parameter' | 'comment' | 'space' | 'symbol';
  readonly text: string;
}

const pieces: readonly (readonly [SqlToken['kind'], RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /--[^\n\r]*|\/\*[\s\S]*?\*\//y],
  // A backslash escapes in literals, as in PostgreSQL 8, which Redshift comes from.
  ['text', /'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'/y],
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

/**
 * Why it cannot be told from the outside where a text, a name or a comment of this SQL ends: what hides in it for one reader
 * is a statement for another. Undefined when every reader cuts it alike.
 */
export function whyUnclear(tokens: readonly SqlToken[]): string | undefined {
  for (const { kind, text } of tokens) {
    if (kind === 'text' && /\\'/.test(text.replace(/\\\\/g, ''))) {
      return "A backslash before a quote means different things to different readers: write '' for a quote in a text.";
    }
    if (kind === 'comment' && text.indexOf('/*', 2) >= 0 && text.startsWith('/*'))
      return 'A comment is within a comment.';
    if (kind !== 'symbol') continue;
    if (text === '$') return "A text in $$ is not taken here: write '...'.";
    if (text === "'" || text === '"') return `A ${text} is not closed.`;
  }
  return undefined;
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
