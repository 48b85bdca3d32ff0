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
