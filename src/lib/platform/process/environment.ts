/**
 * Sets a variable that native code loaded later reads with `getenv`, unless the user has set it. Works on the main
 * thread only: worker threads have a copy of the environment that native code does not see.
 */
export function defaultForNativeCode(name: string, value: string): void {
  process.env[name] ??= value;
}
