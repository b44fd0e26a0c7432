import { checkHealth } from './container/health-check.js';

process.exitCode = await checkHealth({
  root: import.meta.dirname,
  env: process.env,
  timeoutMs: 3_000,
  writeLine: (line) => process.stdout.write(`${line}\n`),
});
