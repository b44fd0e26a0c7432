import { fileURLToPath } from 'node:url';
import { run } from '@oclif/core/run';
import { reportError } from './lib/cli/report-error.js';

/**
 * Runs one command line. Errors end here: printed once, as text or as the one JSON document, with the exit code of the
 * table. `process.exitCode` is set instead of calling `process.exit`, which would cut piped output at 64 KiB.
 */
export async function main(argv: string[]): Promise<void> {
  // A reader that goes away (`mlops ... | head`) is not an error of ours.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  try {
    await run(argv, { root: fileURLToPath(import.meta.url) });
  } catch (error) {
    process.exitCode = reportError(error, { json: wantsJson(argv) });
  }
}

/** `--json` before a `--`: known before any command is, because an unknown command has to answer in JSON too. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const position = argv.indexOf('--json');
  return position !== -1 && (end === -1 || position < end);
}
