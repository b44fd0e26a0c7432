// hcl2json gives the values of a file, but neither lines nor whether `x` was written as a block or as an argument.
// The outline gives just these two; hcl.ts puts both together and fails where they disagree.

/** One block or argument, where it stands, and what stands in it. */
export interface OutlineEntry {
  kind: 'block' | 'argument';
  name: string;
  /** `"google_compute_network" "main"` of a block; empty for an argument. */
  labels: string[];
  /** Counted from 1. */
  line: number;
  children: OutlineEntry[];
}

const header = /([A-Za-z_][\w-]*)((?:[ \t]+"[^"\n]*")*)[ \t]*\{/y;
const argument = /([A-Za-z_][\w-]*)[ \t]*=(?!=)/y;

/** The blocks and arguments of a Terraform file, in order. Throws an Error with the line where it cannot read on. */
export function outline(text: string): OutlineEntry[] {
  const scanner = new Scanner(text);
  const entries = scanner.body();
  if (scanner.at < text.length) throw new Error(`line ${scanner.line()}: a } without a {`);
  return entries;
}

class Scanner {
  at = 0;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  line(): number {
    return this.text.slice(0, this.at).split('\n').length;
  }

  /** Entries up to the closing brace of the block, or to the end of the file. */
  body(): OutlineEntry[] {
    const entries: OutlineEntry[] = [];
    for (;;) {
      this.skipBlank();
      if (this.at >= this.text.length || this.text[this.at] === '}') return entries;
      const line = this.line();
      const block = this.match(header);
      if (block !== undefined) {
        const labels = [...(block[2] ?? '').matchAll(/"([^"]*)"/g)].map(([, label = '']) => label);
        const children = this.body();
        if (this.text[this.at] !== '}') throw new Error(`line ${line}: block ${block[1]} is not closed`);
        this.at += 1;
        entries.push({ kind: 'block', name: block[1] ?? '', labels, line, children });
        continue;
      }
      const assigned = this.match(argument);
      if (assigned === undefined) throw new Error(`line ${line}: neither a block nor an argument`);
      this.expression();
      entries.push({ kind: 'argument', name: assigned[1] ?? '', labels: [], line, children: [] });
    }
  }

  /** Moves behind an expression: to the line end or closing brace at which no bracket of it is open. */
  private expression(): void {
    let depth = 0;
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      if (depth === 0 && (char === '\n' || char === '}')) return;
      if (this.skipComment()) continue;
      if (char === '"') this.string();
      else if (char === '<' && this.heredoc()) continue;
      else {
        if ('([{'.includes(char)) depth += 1;
        if (')]}'.includes(char)) depth -= 1;
        this.at += 1;
      }
    }
  }

  private string(): void {
    const start = this.line();
    this.at += 1;
    while (this.at < this.text.length) {
      const char = this.text[this.at];
      if (char === '\\') this.at += 2;
      else if (char === '"') {
        this.at += 1;
        return;
      } else if (this.text.startsWith('${', this.at) || this.text.startsWith('%{', this.at)) {
        if (this.text[this.at - 1] === char) this.at += 2;
        else this.interpolation();
      } else this.at += 1;
    }
    throw new Error(`line ${start}: a string is not closed`);
  }

  private interpolation(): void {
    this.at += 2;
    let depth = 1;
    while (depth > 0 && this.at < this.text.length) {
      const char = this.text[this.at];
      if (char === '"') this.string();
      else {
        if (char === '{') depth += 1;
        if (char === '}') depth -= 1;
        this.at += 1;
      }
    }
  }

  private heredoc(): boolean {
    const opened = this.match(/<<-?([A-Za-z_]\w*)\n/y);
    if (opened === undefined) return false;
    const end = new RegExp(`^[ \\t]*${opened[1]}$`, 'm').exec(this.text.slice(this.at));
    if (end === null) throw new Error(`line ${this.line()}: heredoc ${opened[1]} is not closed`);
    this.at += end.index + end[0].length;
    return true;
  }

  private skipBlank(): void {
    for (;;) {
      const blank = this.match(/\s+/y);
      if (blank === undefined && !this.skipComment()) return;
    }
  }

  private skipComment(): boolean {
    return this.match(/(?:#|\/\/)[^\n]*/y) !== undefined || this.match(/\/\*[\s\S]*?\*\//y) !== undefined;
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at += found[0].length;
    return found;
  }
}
