import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { Ttc } from './ttc.ts';

/** Cycles of the machine in one of the counter's input. */
const tick = 12;

const ttc = () => alone((wiring) => new Ttc('ttc0', wiring));

test('counters are disabled at reset', () => {
  const { read, pass } = ttc();
  expect([read(0x0c), read(0x10), read(0x14)]).toEqual([0x21, 0x21, 0x21]);
  pass(1000);
  expect(read(0x18)).toBe(0);
});

test('a tick of the operating system: interval mode with the prescaler, cleared by reading', () => {
  const { read, write, pass, lines, next } = ttc();
  // As timer-cadence-ttc does for its clock event device: prescaler 16, an interval, its interrupt.
  write(0x04, (3 << 1) | 1);
  write(0x28, 999);
  write(0x64, 1);
  write(0x10, 0x20 | 0x10 | 2);
  expect(read(0x10)).toBe(0x22);
  const period = 1000 * 16 * tick;
  pass(period - 1);
  expect([lines.has(1), read(0x1c)]).toEqual([false, 999]);
  pass(1);
  expect([lines.has(1), read(0x1c)]).toEqual([true, 0]);
  expect(next()).toBeUndefined();
  expect(read(0x58)).toBe(1);
  expect([lines.has(1), read(0x58)]).toEqual([false, 0]);
  pass(period * 2.5);
  expect([lines.has(1), read(0x1c)]).toEqual([true, 500]);
});

test('a free-running clock source overflows after 2^32', () => {
  const { read, write, pass, lines } = ttc();
  write(0x60, 0x10);
  write(0x0c, 0x30);
  pass(2 ** 32 * tick - 1);
  expect([read(0x18), lines.has(0)]).toEqual([0xffff_ffff, false]);
  pass(1);
  expect([read(0x18), lines.has(0), read(0x54)]).toEqual([0, true, 0x10]);
});

test('counting down, matches come at their values', () => {
  const { read, write, pass, edges } = ttc();
  write(0x2c, 99);
  write(0x38, 30); // Match_1 of counter 2
  write(0x50, 90); // Match_3
  write(0x68, 0xe);
  write(0x14, 0x20 | 0x10 | 8 | 4 | 2);
  pass(9 * tick);
  expect(read(0x20)).toBe(91);
  expect(edges).toEqual([]);
  pass(tick);
  expect([read(0x20), read(0x5c)]).toEqual([90, 8]);
  pass(60 * tick);
  expect([read(0x20), read(0x5c)]).toEqual([30, 2]);
  expect(edges).toEqual(['2+', '2-', '2+', '2-']);
});

test('a stopped counter keeps its value and its pending interrupt', () => {
  const { read, write, pass, next } = ttc();
  write(0x24, 100);
  write(0x60, 1);
  write(0x0c, 0x22);
  pass(40 * tick);
  write(0x0c, 0x23);
  expect(next()).toBeUndefined();
  pass(1000 * tick);
  expect(read(0x18)).toBe(40);
  write(0x0c, 0x22);
  pass(10 * tick);
  expect(read(0x18)).toBe(50);
  write(0x00, 0x20); // the external clock
  pass(10 * tick);
  expect(read(0x18)).toBe(50);
});

test('an offset without a register is reported once', () => {
  const { read, logged } = ttc();
  expect([read(0x84), read(0x84)]).toEqual([0, 0]);
  expect(logged).toEqual(['ttc0: read at offset 0x84: no such register']);
});

test('interrupts do not depend on how often software looks', () => {
  const setup = fc.record({
    control: fc.integer({ min: 0, max: 7 }).map((mode) => 0x20 | (mode << 1)),
    interval: fc.integer({ min: 0, max: 40 }),
    matches: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 3 }),
    looks: fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(setup, ({ control, interval, matches, looks }) => {
      const [often, once] = [ttc(), ttc()];
      for (const { write } of [often, once]) {
        write(0x24, interval);
        for (const [i, match] of matches.entries()) write(0x30 + 12 * i, match);
        write(0x0c, control);
      }
      let status = 0;
      for (const look of looks) {
        often.pass(look);
        once.pass(look);
        status |= often.read(0x54);
      }
      expect(often.read(0x18)).toBe(once.read(0x18));
      expect(status | often.read(0x54)).toBe(once.read(0x54));
    }),
  );
});
