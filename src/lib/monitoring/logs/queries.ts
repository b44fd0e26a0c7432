/**
 * How lines look that say that something failed. Each is narrow enough to leave out `"errors":0` and `"status":200`, because
 * metrics and access logs stand between the lines.
 */
const failures = [
  // Ours (field severity), most loggers, Node.js and Python in Lambda, V8 out of memory.
  'ERROR',
  // Loggers that write no severity: pino as it comes, other JSON, containerd and the rest of what writes logfmt.
  '"level": ?(50|60|"error"|"fatal")',
  'level=(error|fatal)',
  // An exception that nobody caught, on its way to standard error.
  'Error: ',
  // Lambda does not say ERROR when it ends a function: out of time, out of memory, exited. Its text, then its JSON.
  'Task timed out',
  'Runtime exited',
  'Status: (timeout|error|failure)',
  '"status": ?"(timeout|error|failure)"',
  '"errorType"',
  // Parts of Kubernetes (klog), and the kernel out of memory.
  'E[0-9]{4} [0-9:]{8}[.]',
  'Killed process',
];

/** What `--errors` asks: the query that everybody knows, `... filter @message like /ERROR/ ...`, for all of `failures`. */
export const errorsQuery = `fields @timestamp, @message | filter @message like /${failures.join('|')}/ | sort @timestamp desc`;
export const linesQuery = 'fields @timestamp, @message | sort @timestamp desc';

/**
 * A query over fewer lines. The condition comes as a command of its own before all others, so that it holds whatever the query
 * does with them.
 */
export function narrowed(query: string, condition: string | undefined): string {
  return condition === undefined ? query : `filter ${condition} | ${query}`;
}
