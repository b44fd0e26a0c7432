/**
 * What an integration test needs and this machine lacks is skipped with one line, unless it is named in
 * MLOPS_TEST_REQUIRE (comma-separated): then its absence is a failure.
 */
export function missingTool(name: string, reason: string): string {
  const required = (process.env.MLOPS_TEST_REQUIRE ?? '').split(',').map((item) => item.trim());
  if (required.includes(name)) throw new Error(`MLOPS_TEST_REQUIRE names ${name}, and ${reason}`);
  return `skipped: ${reason}`;
}
