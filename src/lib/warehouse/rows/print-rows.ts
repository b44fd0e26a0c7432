import type { Writable } from 'node:stream';
import type { QueryRows } from '../types.js';
import { createFormatter, type RowFormat } from './format.js';

/** Writes rows as they come, as fast as they are taken. A reader that goes away (`| head`) ends the query. */
export async function printRows({ columns, parts }: QueryRows, format: RowFormat, output: Writable): Promise<void> {
  const formatter = createFormatter(format, columns);
  for await (const rows of parts) {
    await write(output, formatter.part(rows));
    if (output.destroyed) return;
  }
  await write(output, formatter.end());
}

async function write(output: Writable, text: string): Promise<void> {
  if (text === '' || output.destroyed || output.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      output.off('drain', done).off('error', done).off('close', done);
      resolve();
    };
    output.on('drain', done).on('error', done).on('close', done);
  });
}
