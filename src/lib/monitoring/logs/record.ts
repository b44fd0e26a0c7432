const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof levels)[number];

/** A log line of ours, or of Lambda's JSON format, by what a person looks for. */
export interface LogRecord {
  readonly time: string | undefined;
  readonly level: Level;
  readonly message: string;
  /** Everything else on the line, in its order. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly stack: string | undefined;
}

type Json = Record<string, unknown>;

const levelNames: Readonly<Record<string, Level>> = { warning: 'warn', critical: 'fatal' };
/** What the time, the level and the message of a line are called, by whom it is from; the first one that is there counts. */
const timeKeys = ['time', 'timestamp', '@timestamp'];
const levelKeys = ['level', 'severity'];
const messageKeys = ['msg', 'message', 'errorMessage'];
const errorKeys = ['err', 'error'];

/** A line as a record; undefined for one that is no JSON object with a level and a message. Never throws. */
export function readRecord(text: string): LogRecord | undefined {
  const outer = jsonObject(text);
  if (outer === undefined) return undefined;
  const { inner: line, pod } = unwrapped(outer);
  const inner = errorSpread(line);
  const level = levelKeys.map((key) => levelOf(inner[key])).find((found) => found !== undefined);
  const messageKey = messageKeys.find((key) => typeof inner[key] === 'string');
  if (level === undefined || messageKey === undefined) return undefined;
  const timeKey = timeKeys.find((key) => isTime(inner[key]));
  const error = errorKeys.map((key) => inner[key]).find(isObject);
  const stack = stackOf(error) ?? stackOf(inner);
  const spoken = new Set([
    messageKey,
    timeKey,
    ...levelKeys,
    ...(stack === undefined ? [] : ['stack', 'stackTrace', 'trace']),
  ]);
  const rest = Object.entries(inner)
    .filter(([key]) => !spoken.has(key))
    .map(([key, value]): [string, unknown] => [key, isObject(error) && value === error ? brief(error) : value])
    // An error that was nothing but its stack is said already.
    .filter(([, value]) => value !== undefined);
  const fields = Object.fromEntries(rest);
  return {
    time: timeKey === undefined ? undefined : timeText(inner[timeKey]),
    level,
    message: inner[messageKey] as string,
    fields: pod === undefined ? fields : { pod, ...fields },
    stack,
  };
}

/** What Container Insights puts around a line of a container, taken off. */
function unwrapped(outer: Json): { inner: Json; pod: string | undefined } {
  if (!isObject(outer.kubernetes)) return { inner: outer, pod: undefined };
  const inner = isObject(outer.log_processed)
    ? outer.log_processed
    : typeof outer.log === 'string'
      ? jsonObject(outer.log)
      : undefined;
  const { pod_name: name } = outer.kubernetes;
  return inner === undefined
    ? { inner: outer, pod: undefined }
    : { inner, pod: typeof name === 'string' ? name : undefined };
}

/** Lambda writes an exception as an object in place of the message: its parts stand on the line itself then. */
function errorSpread(line: Json): Json {
  const { message, ...rest } = line;
  return isObject(message) && typeof message.errorMessage === 'string' ? { ...rest, ...message } : line;
}

/** Names in any case, and pino's numbers. */
function levelOf(value: unknown): Level | undefined {
  if (typeof value === 'number') return levels[Math.round(value / 10) - 1];
  if (typeof value !== 'string') return undefined;
  const name = value.toLowerCase();
  return levels.find((level) => level === name) ?? levelNames[name];
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && Math.abs(value) <= 8.64e15);
}

function timeText(value: unknown): string {
  return typeof value === 'number' ? new Date(value).toISOString() : String(value);
}

function stackOf(holder: Json | undefined): string | undefined {
  const { stack, stackTrace, trace } = holder ?? {};
  const found = stack ?? stackTrace ?? trace;
  if (typeof found === 'string' && found !== '') return found;
  return Array.isArray(found) ? found.map(String).join('\n') : undefined;
}

/** An error beside its stack, which says most of it again; undefined when nothing is left. */
function brief({ stack: _, stackTrace: __, trace: ___, ...rest }: Json): Json | undefined {
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonObject(text: string): Json | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
