import { describe, expect, test } from 'vitest';
import { Places } from '../../../../src/lib/server/transcription/places.js';

const never = new AbortController().signal;

describe('places at the model', () => {
  test('go to as many as there are threads, then in turn to those who wait', async () => {
    const places = new Places(1, 2);
    const order: string[] = [];
    const enter = async (name: string) => {
      const giveBack = await places.take(never);
      order.push(name);
      return giveBack;
    };
    const first = await enter('first');
    const [second, third] = [enter('second'), enter('third')];
    expect([places.waiting, places.full]).toEqual([2, true]);
    expect(await places.take(never)).toBeUndefined();
    first?.();
    const secondLeaves = await second;
    expect([order, places.waiting]).toEqual([['first', 'second'], 1]);
    // Whoever gives back twice gives back once.
    first?.();
    expect(places.waiting).toBe(1);
    secondLeaves?.();
    (await third)?.();
    expect([order, places.full, places.waiting]).toEqual([['first', 'second', 'third'], false, 0]);
  });

  test('with no room to wait, a taken place is a refusal', async () => {
    const places = new Places(1, 0);
    const giveBack = await places.take(never);
    expect(await places.take(never)).toBeUndefined();
    giveBack?.();
    expect(await places.take(never)).toBeDefined();
  });

  test('whoever leaves while waiting makes room, and gets no place', async () => {
    const places = new Places(1, 1);
    const giveBack = await places.take(never);
    const leaving = new AbortController();
    const gone = places.take(leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    expect(places.full).toBe(false);
    await expect(places.take(leaving.signal)).rejects.toThrow('gone');
    giveBack?.();
    expect(await places.take(never)).toBeDefined();
  });
});
