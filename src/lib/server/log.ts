import type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Where log lines go: a file descriptor, or a stream in a test. */
export type LogTarget = number | { write(line: string): void };

export interface ServerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  /** A fault of the server. At most one line a second for each `reason`, which counts those it left out. */
  fault(reason: string, fields: object, message: string): void;
  /** One line for a request; does nothing unless the access log is on. */
  readonly access: ((fields: object) => void) | undefined;
  /** Writes what is buffered. */
  flush(): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly access: boolean;
  readonly target: LogTarget;
  /** On every line. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Memory for lines that the reader of the log has not taken yet; what does not fit is dropped, not kept. */
const bufferBytes = 16 * 2 ** 20;
const faultIntervalMs = 1_000;

const severities: Readonly<Record<string, string>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'ERROR',
};

/**
 * The level in capitals, as searches for ERROR expect it and as Cloud Logging reads it from the field `severity`. Fatal is
 * ERROR too: who searches for that wants to see why a server did not start.
 */
export function severityOf(level: string): string {
  return severities[level] ?? 'DEFAULT';
}

/** JSON lines by pino. Lines hold no body, no header and no query string. */
export async function createServerLog(options: LogOptions): Promise<ServerLog> {
  const { pino } = await import('pino');
  const file =
    typeof options.target === 'number'
      ? pino.destination({ dest: options.target, sync: false, maxLength: bufferBytes })
      : undefined;
  const logger = pino(
    {
      level: options.level,
      base: { ...options.fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label, severity: severityOf(label) }) },
    },
    file ?? (options.target as Exclude<LogTarget, number>),
  );
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    fault: throttled(logger),
    access: options.access ? (fields) => logger.info(fields, 'request') : undefined,
    flush: () => file?.flushSync(),
  };
}

/** Under overload thousands of requests a second fail for the same reason: one line says as much as all of them. */
function throttled(logger: Logger): ServerLog['fault'] {
  const last = new Map<string, { at: number; suppressed: number }>();
  return (reason, fields, message) => {
    const now = performance.now();
    const seen = last.get(reason);
    if (seen !== undefined && now - seen.at < faultIntervalMs) {
      seen.suppressed++;
      return;
    }
    last.set(reason, { at: now, suppressed: 0 });
    const suppressed = seen?.suppressed ?? 0;
    logger.error({ reason, ...fields, ...(suppressed > 0 ? { suppressed } : {}) }, message);
  };
}
