/** A place that looks like a secret. It never holds the value, nor a part of it. */
export interface Finding {
  /** The file on this machine that a person would change. */
  readonly file: string;
  /** From 1; undefined in a file that has no lines. */
  readonly line: number | undefined;
  /** What it looks like, such as `AWS access key`. */
  readonly kind: string;
}

/** A finding in a text, before it is known which file it is. */
export type TextFinding = Pick<Finding, 'line' | 'kind'>;

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
