import { describe, expect, it } from 'vitest';
import { day, record } from '../../support/redshift/sources.js';
import { useStandIn } from '../../support/redshift/use-stand-in.js';

const { sources: objects, raw, open, held } = useStandIn();
const list = (...files: (readonly object[])[]) => objects.list(...files);

describe('a table that was dropped', () => {
  it('gets everything again, and what another table has stays known', async () => {
    const sources = list([record('a', 'x', day(1))]);
    const other = await open('calls');
    try {
      await other.copy(sources);
      const warehouse = await open();
      await warehouse.copy(sources);
      await raw('DROP TABLE transcription_results');
      expect(await warehouse.copy(sources)).toMatchObject({ status: 'loaded', counts: { inserted: 1 } });
      expect(await held()).toHaveLength(1);
      expect(await other.copy(sources)).toMatchObject({ status: 'already-loaded' });
    } finally {
      await raw('DROP TABLE IF EXISTS calls');
    }
  });
});

describe('rows of one id, time and text', () => {
  it('keeps what is there at the same text too, and takes the same one of a load in any order', async () => {
    const of = (model: string) => record('a', 'x', day(1), { model });
    const models = async () => await raw('SELECT model FROM transcription_results');
    const warehouse = await open();
    for (const [first, second] of [
      ['A', 'B'],
      ['B', 'A'],
    ] as const) {
      await warehouse.copy(list([of(first)]));
      const { counts } = await warehouse.copy(list([of(second)]));
      expect(counts).toMatchObject({ stale: 1, updated: 0 });
      expect(await models()).toEqual([{ model: first }]);
      await raw('DROP TABLE transcription_results');
    }
    await warehouse.copy(list([of('A'), of('B')]));
    const taken = await models();
    await raw('DROP TABLE transcription_results');
    await warehouse.copy(list([of('B')], [of('A')]));
    expect(await models()).toEqual(taken);
  });
});
