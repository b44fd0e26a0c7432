import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { formatRecord, type Painter } from './format.js';
import { readRecord } from './record.js';

export interface PrettyOptions {
  readonly paint: Painter;
  /** One JSON object a line instead: our lines as they are, others as `{"message": ...}`. */
  readonly json: boolean;
}

/** A longer line is not a log line of ours: it passes through in pieces, so that memory stays bounded. */
export const longestLine = 2 ** 20;
const newline = 0x0a;

/**
 * Reads log lines until the input ends or nobody reads the output any more. Our JSON lines come out for people; everything
 * else comes out byte for byte as it went in.
 */
export async function prettyPrint(
  input: AsyncIterable<Uint8Array>,
  output: Writable,
  options: PrettyOptions,
): Promise<void> {
  const sink = openSink(output);
  const lines = lineSplitter(options);
  try {
    for await (const chunk of input) {
      if (!(await sink.write(lines.push(Buffer.from(chunk))))) return;
    }
    await sink.write(lines.end());
  } finally {
    sink.close();
  }
}

/** Writes as fast as the reader takes it; false once there is no reader. */
function openSink(output: Writable) {
  const gone = new AbortController();
  // The reader went away (`| head`): not an error. The door that opened the stream reports any other.
  const listener = () => gone.abort();
  output.on('error', listener).on('close', listener);
  return {
    async write(bytes: Buffer): Promise<boolean> {
      if (gone.signal.aborted || output.destroyed) return false;
      if (bytes.length === 0 || output.write(bytes)) return true;
      await once(output, 'drain', { signal: gone.signal }).catch(() => undefined);
      return !gone.signal.aborted;
    },
    close(): void {
      output.off('error', listener).off('close', listener);
    },
  };
}

/** Whole lines out of chunks; what is too long for a line goes out as it comes. */
function lineSplitter(options: PrettyOptions) {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let passing = false;

  const take = (piece: Buffer): Buffer => {
    const whole = Buffer.concat([...held, piece]);
    held = [];
    heldBytes = 0;
    return whole;
  };
  const finish = (piece: Buffer, ended: boolean): Buffer => {
    const line = take(piece);
    if (passing) {
      passing = false;
      return options.json ? Buffer.alloc(0) : Buffer.concat([line, Buffer.from(ended ? '\n' : '')]);
    }
    return formatLine(line, ended, options);
  };

  return {
    push(chunk: Buffer): Buffer {
      const out: Buffer[] = [];
      let start = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        out.push(finish(chunk.subarray(start, end), true));
        start = end + 1;
      }
      held.push(chunk.subarray(start));
      heldBytes += chunk.length - start;
      if (heldBytes > longestLine) {
        const piece = take(Buffer.alloc(0));
        if (!options.json) out.push(piece);
        else if (!passing) out.push(jsonLine({ message: piece.toString('utf8', 0, longestLine), truncated: true }));
        passing = true;
      }
      return Buffer.concat(out);
    },
    end(): Buffer {
      return heldBytes === 0 && !passing ? Buffer.alloc(0) : finish(Buffer.alloc(0), false);
    },
  };
}

function formatLine(line: Buffer, ended: boolean, { json, paint }: PrettyOptions): Buffer {
  const text = line.toString('utf8');
  const record = readRecord(text);
  if (json) {
    if (text.trim() === '') return Buffer.alloc(0);
    return record === undefined ? jsonLine({ message: text.replace(/\r$/, '') }) : Buffer.from(`${text.trim()}\n`);
  }
  if (record === undefined) return ended ? Buffer.concat([line, Buffer.from('\n')]) : line;
  return Buffer.from(`${formatRecord(record, paint)}\n`);
}

function jsonLine(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
