import { getSystemErrorMessage } from 'node:util';

/**
 * A foreign error in one line for the `why` of an error of ours: Node's system errors in words with their code,
 * AggregateErrors (a host name that resolves to two addresses) by their parts.
 */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(describeError))].join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  const { errno, code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (typeof errno === 'number' && code !== undefined && error.message.includes(code)) {
    const where = address === undefined ? '' : ` (${address}${port === undefined ? '' : `:${port}`})`;
    return `${systemMessage(errno)} [${code}]${where}`;
  }
  return error.message.split('\n', 1)[0] ?? error.name;
}

/** True for a Node.js system error with this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

function systemMessage(errno: number): string {
  try {
    return getSystemErrorMessage(errno);
  } catch {
    // getaddrinfo failures carry an errno outside libuv's table.
    return 'system error';
  }
}
