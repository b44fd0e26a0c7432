import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { transcribeBench } from '../../support/lambda/bench.js';
import { loadBench } from '../../support/lambda/load-bench.js';
import { fakeEngine } from '../../support/recordings/fake-engine.js';
import { created } from '../../support/recordings/fake-queue.js';

/** Hears the text that is written in the file as JSON, with its blanks. */
function exactEngine() {
  const engine = fakeEngine();
  return {
    ...engine,
    transcribe: async (path: string) => {
      const text = JSON.parse(await readFile(path, 'utf8')) as string;
      return { ...(await engine.transcribe(path)), text };
    },
  };
}

test('what the function writes as CSV is loaded as it was heard, also what looks like a formula', async () => {
  const texts = [
    ...['=1+1', '+1 555 0100', '-5 degrees', '@home', '\ttab', '\rreturn', '\uFF1Dwide', "'=quoted", "'said"],
    ...[
      '',
      ' ',
      ' blanks ',
      'say "hi",\nthen go',
      'line\nfeed',
      'return\rin it',
      'both\r\nof them',
      '"',
      '""',
      'ä €😀',
    ],
  ];
  const { s3, run } = await transcribeBench({ engine: exactEngine() }, { RESULT_FORMAT: 'csv' });
  for (const [at, text] of texts.entries()) {
    s3.put('data', `recordings/${at}.wav`, JSON.stringify(text));
    await run(created(['data', `recordings/${at}.wav`]));
  }
  const load = await loadBench({ s3 });
  expect(await load.run()).toMatchObject({ loads: [{ files: texts.length }], refused: [], failed: [] });
  const loaded = (await load.rows()).map(([, text]) => text);
  expect(loaded.sort()).toEqual([...texts].sort());
});
