import { expect, test } from 'vitest';
import { readEvent } from '../../../src/lib/recordings/queue/events.js';
import { createWatch } from '../../../src/lib/recordings/queue/watch.js';
import { errorOf } from '../../support/errors.js';
import { created } from '../../support/recordings/fake-queue.js';

const key = 'in/ä +%.wav';
const object = { kind: 'object', bucket: 'calls', key, label: `s3://calls/${key}`, bytes: 3 } as const;

test('S3 itself encodes keys as forms do; SNS wraps, EventBridge does not encode', () => {
  const event = created(['calls', key]);
  expect(event.Records[0]?.s3.object.key).toBe('in/%C3%A4+%2B%25.wav');
  expect(readEvent(JSON.stringify(event))).toEqual({ created: [object], ignored: [] });
  const notification = { Type: 'Notification', TopicArn: 'arn', Message: JSON.stringify(event) };
  expect(readEvent(JSON.stringify(notification)).created).toEqual([object]);
  const detail = { bucket: { name: 'calls' }, object: { key, size: 3, etag: 'x' } };
  const bridged = { version: '0', source: 'aws.s3', 'detail-type': 'Object Created', detail };
  expect(readEvent(JSON.stringify(bridged)).created).toEqual([object]);
});

test('a test event is nothing, a deletion is said and nothing', () => {
  const empty = { created: [], ignored: [] };
  expect(readEvent('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"calls"}')).toEqual(empty);
  const { Records } = created(['calls', 'a.wav']);
  const removed = { Records: Records.map((one) => ({ ...one, eventName: 'ObjectRemoved:Delete' })) };
  expect(readEvent(JSON.stringify(removed))).toEqual({
    created: [],
    ignored: ['s3://calls/a.wav: ObjectRemoved:Delete'],
  });
});

test.each(['no json', '{}', '[]', '{"Records":[{}]}', JSON.stringify(created(['calls', 'a'])).replace('"a"', '"%zz"')])(
  '%s is no event',
  async (body) => {
    expect(await errorOf(() => readEvent(body))).toMatchObject({ code: 'EVENT_UNREADABLE' });
  },
);

test('results, folders, other prefixes and what is not called like audio are passed over', () => {
  const watch = createWatch(['s3://calls/in/'], 's3://calls/out');
  const name = (of: string, bucket = 'calls') => watch.resultName({ ...object, bucket, key: of });
  expect(name('in/../a.wav')).toBe('%2E%2E/a.wav');
  expect(name('in/')).toEqual({ because: 'a folder marker' });
  expect(name('in/a.txt')).toEqual({ because: 'it is not called like audio' });
  expect(name('other/a.wav')).toEqual({ because: 'it is not below what is watched' });
  expect(name('in/a.wav', 'another')).toEqual({ because: 'it is not below what is watched' });
  const all = createWatch([], 's3://calls/out/');
  expect(all.resultName({ ...object, key: 'out/a.wav' })).toEqual({ because: 'it is a result' });
  expect(all.resultName({ ...object, key: 'outer/a.wav' })).toBe('outer/a.wav');
});

test('results among the recordings are refused: known at the start, or at the first event', async () => {
  for (const output of ['s3://calls/in/out', 's3://calls/in', 's3://calls/in/']) {
    expect(await errorOf(() => createWatch(['s3://calls/in'], output))).toMatchObject({ code: 'OUTPUT_IN_SOURCE' });
  }
  expect(createWatch(['s3://calls/in'], 's3://calls/inner')).toBeDefined();
  expect(await errorOf(() => createWatch([], 's3://calls').resultName(object))).toMatchObject({ exitCode: 2 });
});
