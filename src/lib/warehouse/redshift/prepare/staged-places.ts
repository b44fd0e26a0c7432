/** Which rows of a load, counted from 0, lie in which part and come from which file. */
export class StagedPlaces {
  /** Parts with the number of the first row of each. One that is there twice has the same content. */
  readonly #parts = new Map<string, number>();
  readonly #files: { readonly name: string; readonly first: number }[] = [];
  #begin = 0;

  /** A part was written; `end` is the number of the row after its last. */
  part(url: string, end: number): void {
    this.#parts.set(url, this.#begin);
    this.#begin = end;
  }

  /** A file begins with this row. */
  file(name: string, first: number): void {
    this.#files.push({ name, first });
  }

  sourceOf(url: string, line: number): { readonly file: string; readonly row: number } | undefined {
    const begin = this.#parts.get(url);
    if (begin === undefined) return undefined;
    const row = begin + line - 1;
    const file = this.#files.findLast(({ first }) => first <= row);
    return file === undefined ? undefined : { file: file.name, row: row - file.first + 1 };
  }
}
