import type { Writable } from 'node:stream';
import type { QueryRows } from '../types.js';
import { createFormatter, type RowFormat } from './format.js';

/**
 * Writes rows as they come, as fast as they are taken. A reader that goes away (`| head`) ends the query.
 * @param output a terminal has its width as `columns`
 */
export async function printRows(
  { columns, parts }: QueryRows,
  format: RowFormat,
  output: Writable & { readonly columns?: number },
): Promise<void> {
  const formatter = createFormatter(format, columns, output.columns || undefined);
  const reader = watchReader(output);
  try {
    for await (const rows of parts) {
      await write(output, formatter.part(rows), reader);
      if (reader.isGone()) return;
    }
    await write(output, formatter.end(), reader);
  } finally {
    reader.unwatch();
  }
}

interface Reader {
  isGone(): boolean;
  unwatch(): void;
}

/** Node never destroys the stdout of a process: after EPIPE only the event tells that nobody reads any more. */
function watchReader(output: Writable): Reader {
  let hasLeft = false;
  const left = () => {
    hasLeft = true;
  };
  output.on('error', left).on('close', left);
  return {
    isGone: () => hasLeft || output.destroyed,
    unwatch: () => {
      output.off('error', left).off('close', left);
    },
  };
}

async function write(output: Writable, text: string, reader: Reader): Promise<void> {
  if (text === '' || reader.isGone() || output.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      output.off('drain', done).off('error', done).off('close', done);
      resolve();
    };
    output.on('drain', done).on('error', done).on('close', done);
  });
}
