import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The path of a program that an integration test runs, or undefined, with one line, when it is not installed. What
 * MLOPS_TEST_REQUIRE names has to be there: then a missing program fails the test instead of skipping it.
 * @param names the same program under several names, such as `chromium` and `google-chrome`
 */
export function tool(...names: [string, ...string[]]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // The next place.
      }
    }
  }
  const required = (process.env.MLOPS_TEST_REQUIRE ?? '').split(',');
  if (names.some((name) => required.includes(name))) throw new Error(`${names[0]} is required and not installed`);
  process.stderr.write(`skipped: ${names[0]} is not installed\n`);
  return undefined;
}
