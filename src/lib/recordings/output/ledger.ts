import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import type { Stamp } from './store.js';

const entrySchema = z.object({
  path: z.string(),
  /** `storing`: the result is about to get its name. Whatever has it from then on is ours. */
  state: z.enum(['storing', 'stored']),
  id: z.string(),
  modelDigest: z.string(),
  channels: z.enum(['mix', 'split']),
  source: z.string(),
});
type Entry = z.output<typeof entrySchema>;

/**
 * What mlops wrote into a folder and of which recordings, as lines that are only ever appended: a kill leaves at worst a
 * half line at the end, which is passed over. Other runs append to the same file; their lines are seen too.
 */
export class Ledger {
  readonly #file: FileHandle;
  readonly #entries = new Map<string, Entry>();
  #readTo = 0;
  #rest = Buffer.alloc(0);
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string, mode: 'append' | 'read'): Promise<Ledger> {
    const ledger = new Ledger(await open(path, mode === 'append' ? 'a+' : 'r', 0o644));
    await ledger.#refresh();
    if (mode === 'read') return ledger;
    // So that the next line is not glued to half of one.
    if (ledger.#rest.length > 0) await ledger.#file.appendFile('\n');
    return ledger;
  }

  /** The latest about a result, of this run or another. */
  find(path: string): Promise<Entry | undefined> {
    return this.#inTurn(async () => {
      await this.#refresh();
      return this.#entries.get(path);
    });
  }

  /** Resolves when the line would survive the loss of power. */
  add(path: string, state: Entry['state'], { id, modelDigest, channels, source }: Stamp): Promise<void> {
    return this.#inTurn(async () => {
      await this.#file.appendFile(`${JSON.stringify({ path, state, id, modelDigest, channels, source })}\n`);
      await this.#file.datasync();
    });
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#file.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work);
    this.#turn = next.catch(() => {});
    return next;
  }

  async #refresh(): Promise<void> {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#readTo);
      if (bytesRead === 0) return;
      this.#readTo += bytesRead;
      const text = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(0x0a) + 1;
      this.#rest = text.subarray(end);
      for (const line of text.toString('utf8', 0, end).split('\n')) this.#take(line);
    }
  }

  #take(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return;
    }
    const entry = entrySchema.safeParse(value);
    if (entry.success) this.#entries.set(entry.data.path, entry.data);
  }
}
