// `npm run bench -- NAME`: runs bench/NAME.js, which exports `bench(args)` and prints ratios measured side by side.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'bench');
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -'.js'.length));
const [name, ...args] = process.argv.slice(2);

if (name === undefined || !known.includes(name)) {
  process.stderr.write(`Usage: npm run bench -- NAME, where NAME is one of: ${known.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const { bench } = await import(join(folder, `${name}.js`));
  await bench(args);
}
