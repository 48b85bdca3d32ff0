import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Events } from './events.ts';
import { cycles } from './units.ts';

describe('events in virtual time', () => {
  test('fire in the order of their times, and of their setting at equal times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), (times) => {
        const events = new Events();
        const fired: number[] = [];
        times.forEach((time, i) => {
          events.at(cycles(time), () => fired.push(i));
        });
        events.advance(cycles(50));
        events.fireDue();
        const expected = times.map((time, i) => ({ time, i })).sort((a, b) => a.time - b.time || a.i - b.i);
        expect(fired).toEqual(expected.map(({ i }) => i));
      }),
    );
  });

  test('do not fire early, nor once they are cancelled', () => {
    const events = new Events();
    const fired: string[] = [];
    events.at(cycles(10), () => fired.push('ten'));
    const cancelled = events.at(cycles(5), () => fired.push('five'));
    expect(events.next()).toBe(5);
    cancelled.cancel();
    expect(events.next()).toBe(10);
    events.advance(cycles(9));
    events.fireDue();
    expect(fired).toEqual([]);
    events.advance(cycles(10));
    events.fireDue();
    expect(fired).toEqual(['ten']);
    expect(events.next()).toBeUndefined();
  });

  test('leave the queue when most of it has been cancelled, and the rest fires as if they had not been there', () => {
    const events = new Events();
    const fired: number[] = [];
    let timer = events.at(cycles(2 ** 50), () => {});
    let longest = 0;
    for (let n = 0; n < 1000; n++) {
      timer.cancel();
      timer = events.at(cycles(2 ** 50 + n), () => {});
      // Later ones first; every other one is taken back.
      const event = events.at(cycles(1000 - n), () => fired.push(1000 - n));
      if (n % 2 === 0) event.cancel();
      longest = Math.max(longest, events.length);
    }
    timer.cancel();
    expect(longest).toBeLessThan(1200);
    events.advance(cycles(1000));
    events.fireDue();
    expect(fired).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i + 1));
  });

  test('that are set for now while others fire have their turn at once', () => {
    const events = new Events();
    const fired: string[] = [];
    events.at(cycles(1), () => {
      fired.push('first');
      events.at(cycles(0), () => fired.push('set meanwhile'));
    });
    events.advance(cycles(1));
    events.fireDue();
    expect(fired).toEqual(['first', 'set meanwhile']);
  });

  test('time runs forward only', () => {
    const events = new Events();
    events.advance(cycles(3));
    expect(() => events.advance(cycles(2))).toThrow('virtual time runs forward');
  });
});

test('a loaded queue fires as the saved one would have, also at equal times', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 12 }), (times) => {
      const [events, again] = [new Events(), new Events()];
      const fired: string[][] = [[], []];
      const set = (queue: Events, log: string[], i: number, time: number) =>
        queue.at(cycles(time), () => log.push(`${i}`), `${i}`);
      for (const [i, time] of times.entries()) set(events, fired[0] as string[], i, time);
      const state = events.saveState();
      again.loadNow(state);
      // Owners set theirs in another order, and may be wrong about the time.
      for (const [i] of [...times.entries()].reverse()) set(again, fired[1] as string[], i, 3);
      again.loadWaiting(state);
      for (const queue of [events, again]) {
        queue.advance(cycles(3));
        queue.fireDue();
      }
      expect(fired[1]).toEqual(fired[0]);
    }),
  );
  const events = new Events();
  const state = events.saveState();
  events.at(cycles(1), () => {}, 'stranger');
  expect(() => events.loadWaiting(state)).toThrow('0 events waited, and 1 do now');
});
