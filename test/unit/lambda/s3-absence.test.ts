import { expect, test } from 'vitest';
import { z } from 'zod';
import { OperationError } from '../../../src/lib/base/errors/mlops-error.js';
import { Notes } from '../../../src/lib/lambda/load/notes.js';
import { seeingAbsence } from '../../../src/lib/lambda/s3-absence.js';
import { errorOf } from '../../support/errors.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';

const failing = (code: string) => () => Promise.reject(new OperationError('no', { code }));

test('an object that is there, and may not be read, is not absent', async () => {
  const s3 = new FakeS3();
  s3.put('data', 'recordings/a.wav', 'one');
  s3.put('data', 'recordings/b.wav.bak', 'two');
  const denied = seeingAbsence(Object.assign(s3, { headObject: failing('ACCESS_DENIED') }));
  expect((await errorOf(() => denied.headObject('data', 'recordings/a.wav'))).code).toBe('ACCESS_DENIED');
  expect(await denied.headObject('data', 'recordings/b.wav')).toBeUndefined();
});

test('a note that another run wrote meanwhile is added to, and never written over', async () => {
  const s3 = new FakeS3();
  const kind = { name: 'n.json', schema: z.array(z.string()), deleted: '' };
  const open = () => Notes.open(s3, { bucket: 'data', prefix: 'loaded/' }, new AbortController().signal);
  const [one, other] = [await open(), await open()];
  const add = (name: string) => (before: readonly string[] | undefined) => JSON.stringify([...(before ?? []), name]);
  await one.update(kind, add('a'));
  // It knows of no note, so it makes one, unless there is one by now.
  await other.update(kind, add('b'));
  expect(JSON.parse(s3.text('data', 'loaded/n.json') ?? '')).toEqual(['a', 'b']);
});
