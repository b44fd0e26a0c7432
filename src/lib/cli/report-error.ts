import { inspect } from 'node:util';
import { exitCodes } from '../base/errors/exit-codes.js';
import { type ErrorJson, MlopsError } from '../base/errors/mlops-error.js';
import { colours } from './colours.js';

/**
 * Prints an error the one way there is and returns the exit code for it: under `--json` as the JSON document on
 * stdout (one line where `lines` says that the command streams), else as text on stderr. The code is the same in both (stock oclif answers 1 under `--json`).
 */
export function reportError(error: unknown, options: { json: boolean; lines?: boolean }): number {
  if (isOclifExit(error)) return error.oclif.exit;
  const described = toErrorJson(error);
  if (options.json) process.stdout.write(`${JSON.stringify({ error: described }, null, options.lines ? 0 : 2)}\n`);
  else process.stderr.write(formatError(described));
  if (described.exitCode === exitCodes.bug.code) process.stderr.write(`\n${inspect(error)}\n`);
  return described.exitCode;
}

/** Any thrown thing as the `error` member of the JSON contract. What is neither ours nor the parser's is a bug: 70. */
export function toErrorJson(error: unknown): ErrorJson {
  if (error instanceof MlopsError) return error.toJSON();
  if (isParserError(error)) {
    const [message = error.message, ...rest] = error.message
      .replace(/\nSee more help with --help$/, '')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return {
      code: 'USAGE',
      message: message.replace(/:$/, ''),
      why: rest.map((line) => line.trim()).join('; ') || null,
      actions: ['Add --help to the command to see its arguments and flags'],
      exitCode: exitCodes.usage.code,
    };
  }
  return {
    code: 'BUG',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    why: 'This is a bug in mlops, not something you did.',
    actions: ['Report it with the command line and the output below'],
    exitCode: exitCodes.bug.code,
  };
}

function formatError(error: ErrorJson): string {
  const paint = colours(process.stderr);
  const lines = [`${paint('red', 'Error:')} ${error.message}`];
  if (error.why !== null) lines.push(...error.why.split('\n').map((line) => `  ${line}`));
  if (error.actions.length > 0) lines.push('', 'Next:', ...error.actions.map((action) => `  ${action}`));
  return `${lines.join('\n')}\n`;
}

/** oclif's parser errors (`CLIParseError` and kin): recognised by shape, because oclif may be present twice. */
function isParserError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error;
}

/** `this.exit(n)` and the help command end a command by throwing: nothing to print. */
function isOclifExit(error: unknown): error is Error & { oclif: { exit: number } } {
  return error instanceof Error && (error as { code?: unknown }).code === 'EEXIT' && 'oclif' in error;
}
