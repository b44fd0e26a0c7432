import { UsageError } from './errors/mlops-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is empty is not there. Throws UsageError `INVALID_VARIABLE`. */
export function wholeNumber(env: Environment, name: string, min: number, max: number): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw invalidVariable(name, text, `a whole number from ${min} to ${max}`);
}

/** A UsageError `INVALID_VARIABLE` for one that is wrong, or that is needed and not set. */
export function invalidVariable(
  name: string,
  value: string | undefined,
  expected: string,
  of: 'container' | 'function' = 'container',
): UsageError {
  const what = value === undefined ? `${name} is not set` : `${name} is '${value}', which is not valid`;
  return new UsageError(what, {
    code: 'INVALID_VARIABLE',
    why: `Expected ${expected}.`,
    actions: [`Correct the environment of the ${of}`],
  });
}
