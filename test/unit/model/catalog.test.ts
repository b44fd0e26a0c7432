import { expect, test } from 'vitest';
import { catalog, catalogPath, sizeOf, speechEntryOf } from '../../../src/lib/model/catalog.js';
import { listedText, listModels } from '../../../src/lib/model/list.js';
import { tempDir } from '../../support/temp-dir.js';

test('every file of a speech model has a digest, and every licence says where it stands', () => {
  for (const [name, entry] of catalog()) {
    expect(entry.license.source, name).not.toBe('');
    if (entry.kind === 'tabular') continue;
    const roles = entry.packages.flatMap(({ files }) => Object.keys(files));
    expect(roles.toSorted(), name).toEqual(['decoder', 'encoder', 'vad']);
    expect(sizeOf(entry)).toBeGreaterThan(20e6);
  }
});

test('a name is a name and not a path', () => {
  expect(speechEntryOf('moonshine-tiny')?.language).toBe('en');
  expect(speechEntryOf('./moonshine-tiny')).toBeUndefined();
  expect(catalogPath('moonshine-tiny')).toBeUndefined();
  expect(catalogPath('constructor')).toBeUndefined();
});

test('the list tells what is on this machine', async () => {
  const cacheDir = await tempDir();
  const list = await listModels(cacheDir);
  expect(list.models.map(({ name, kind, path }) => [name, kind, path === null])).toEqual([
    ['flight-delay', 'tabular', false],
    ['moonshine-tiny', 'speech', true],
  ]);
  const text = listedText(list);
  expect(text).toContain('moonshine-tiny  speech   29.1 MiB  MIT      not fetched\n');
  expect(text).toContain(`Cache: ${cacheDir}`);
});
