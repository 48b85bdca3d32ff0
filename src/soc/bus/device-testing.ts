import { Events } from '../../base/events.ts';
import { type Cycles, cycles } from '../../base/units.ts';
import type { Device, DeviceClock, DeviceWiring } from './device.ts';

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

/** A device alone: time for it, its registers by words, its interrupt outputs and what it logs. */
export function alone<D extends Device>(build: (wiring: DeviceWiring) => D) {
  const { clock, pass, next } = testClock();
  const logged: string[] = [];
  /** Changes of the outputs, such as `0+`. */
  const edges: string[] = [];
  /** Outputs that are high. */
  const lines = new Set<number>();
  const device = build({
    clock,
    log: (source, text) => logged.push(`${source}: ${text}`),
    interrupt: (level, output = 0) => {
      if (level) lines.add(output);
      else lines.delete(output);
      edges.push(`${output}${level ? '+' : '-'}`);
    },
  });
  const read = (offset: number) => device.read(offset, 4);
  const write = (offset: number, value: number) => device.write(offset, 4, value);
  return { device, pass, next, logged, edges, lines, read, write, interrupts: () => lines.has(0) };
}
