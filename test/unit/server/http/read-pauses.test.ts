import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReadPauses } from '../../../../src/lib/server/http/read-pauses.js';

class FakeConnection {
  destroyed = false;
  read = true;

  pause(): never {
    this.read = false;
    return this as never;
  }

  resume(): never {
    this.read = true;
    return this as never;
  }
}

let full = true;
let pauses: ReadPauses;
let connections: FakeConnection[];

/** Which connections are read, by their numbers. */
const read = () => connections.flatMap((connection, index) => (connection.read ? [index] : []));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  full = true;
  pauses = new ReadPauses(() => full);
  connections = Array.from({ length: 12 }, () => new FakeConnection());
});

afterEach(() => void vi.useRealTimers());

describe('connections that were refused', () => {
  const refuseAll = () => {
    for (const connection of connections) pauses.refused(connection);
  };

  it('are read again in their order, one for every four places while requests are refused', () => {
    refuseAll();
    expect(read()).toEqual([]);
    pauses.freed(8);
    expect(read()).toEqual([0, 1]);
    pauses.refused(connections[0] as FakeConnection);
    pauses.freed(3);
    expect(read()).toEqual([1]);
    pauses.freed(1);
    expect(read()).toEqual([1, 2]);
  });

  it('one for every place when nobody was refused since the last run', () => {
    refuseAll();
    pauses.freed(4);
    pauses.freed(5);
    expect(read()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(pauses.waiting).toBe(6);
    pauses.freed(100);
    expect(pauses.waiting).toBe(0);
  });

  it('all at once when there is room and nobody was refused for a while', () => {
    refuseAll();
    vi.advanceTimersByTime(1_000);
    expect(read()).toEqual([]);
    full = false;
    vi.advanceTimersByTime(200);
    expect(read()).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(pauses.waiting).toBe(0);
  });

  it('after five seconds in any case', () => {
    pauses.refused(connections[0] as FakeConnection);
    vi.advanceTimersByTime(3_000);
    pauses.refused(connections[1] as FakeConnection);
    vi.advanceTimersByTime(2_200);
    expect(pauses.waiting).toBe(1);
    vi.advanceTimersByTime(3_000);
    expect(pauses.waiting).toBe(0);
  });

  it('at once when the server leaves, and are not paused from then on', () => {
    refuseAll();
    pauses.end();
    pauses.refused(connections[3] as FakeConnection);
    expect(read()).toHaveLength(12);
  });
});

describe('answers without the model', () => {
  it('leave their connections unread until the next turn, when there are too many in this one', async () => {
    const crowd = Array.from({ length: 1_500 }, () => new FakeConnection());
    for (const connection of crowd) pauses.answeredAtOnce(connection);
    expect(crowd.filter((connection) => connection.read)).toHaveLength(1_000);
    await setImmediate();
    expect(crowd.every((connection) => connection.read)).toBe(true);
    pauses.answeredAtOnce(crowd[1_499] as FakeConnection);
    expect(crowd[1_499]?.read).toBe(true);
  });
});
