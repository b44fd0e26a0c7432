import { registerHooks } from 'node:module';

/** From here on `./x.js` may be `./x.ts`: for what a bench takes from the tests. Node strips the types by itself. */
export function resolveTypeScript() {
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (error.code !== 'ERR_MODULE_NOT_FOUND' || !specifier.startsWith('.')) throw error;
        return next(specifier.replace(/\.js$/, '.ts'), context);
      }
    },
  });
}
