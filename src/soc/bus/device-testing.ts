import { Events } from '../../base/events.ts';
import { type Cycles, cycles } from '../../base/units.ts';
import type { DeviceClock } from './device.ts';

export const clockHz = 1_200_000_000;

/** A clock for a device alone, and a way to let time pass. */
export function testClock() {
  const events = new Events();
  const clock: DeviceClock = {
    hz: clockHz,
    get now() {
      return events.now;
    },
    at: (time, callback) => events.at(time, callback),
  };
  return {
    clock,
    /** Lets so many cycles pass, with the events in them. */
    pass: (count: number): void => {
      const until = events.now + count;
      for (;;) {
        const next = events.next();
        if (next === undefined || next > until) break;
        events.advance(cycles(Math.max(next, events.now)));
        events.fireDue();
      }
      events.advance(cycles(until));
    },
    /** When the next event is, if there is one. */
    next: (): Cycles | undefined => events.next(),
  };
}
