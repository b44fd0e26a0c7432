// Preloaded with `--import`: appends the URL of every module that is resolved to the file MODULES_FILE.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    appendFileSync(process.env.MODULES_FILE, `${resolved.url}\n`);
    return resolved;
  },
});
