#!/usr/bin/env node
// Kept free of import statements and of anything newer than Node 12, so that an old Node reaches the message below
// instead of a SyntaxError. `enableCompileCache` exists wherever the version check has passed.
var needed = [22, 13];
var found = process.versions.node.split('.').map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    'mlops needs Node.js ' +
      needed.join('.') +
      ' or newer, this is ' +
      process.versions.node +
      ': install it from https://nodejs.org or with `npx --yes --package node@24 --package mlops mlops ...`\n',
  );
  process.exitCode = 5;
} else {
  process.getBuiltinModule('node:module').enableCompileCache();
  import('../dist/main.js').then((entry) => entry.main(process.argv.slice(2)));
}
