import { expect, test } from 'vitest';
import { alone, clockHz } from '../../bus/device-testing.ts';
import { Swdt } from './swdt.ts';

function swdt() {
  const happened: string[] = [];
  const bench = alone(
    (wiring) =>
      new Swdt('fpdSwdt', {
        ...wiring,
        interrupt: (level) => level && happened.push('interrupt'),
        resetSystem: () => happened.push('reset'),
      }),
  );
  const { write } = bench;
  /** As cdns_wdt does: prescaler 4096 and so many seconds, then on. */
  const start = (seconds: number, mode: number) => {
    write(0x4, 0x92_0000 | (((seconds * 100_000_000) / 4096 / 4096) << 2) | 3);
    write(0x0, 0xab_c000 | mode);
  };
  return { ...bench, happened, start };
}

test('it bites with a reset unless it is restarted in time', () => {
  const { pass, happened, read, write, start } = swdt();
  start(10, 3);
  for (let i = 0; i < 5; i++) {
    pass(9.5 * clockHz);
    write(0x8, 0x1999);
  }
  expect([happened, read(0xc)]).toEqual([[], 0]);
  pass(10.1 * clockHz);
  expect([happened, read(0xc)]).toEqual([['reset'], 1]);
});

test('it interrupts once if IRQEN is set', () => {
  const { pass, happened, start, write, read } = swdt();
  start(1, 5);
  pass(3 * clockHz);
  expect([happened, read(0xc)]).toEqual([['interrupt'], 1]);
  write(0x8, 0x1999);
  expect(read(0xc)).toBe(0);
  pass(3 * clockHz);
  expect(happened).toEqual(['interrupt', 'interrupt']);
});

test('writes without the key change nothing; off, it does not count', () => {
  const { pass, happened, read, write, start } = swdt();
  expect([read(0x0), read(0x4)]).toEqual([0x1c2, 0x3ffc]);
  write(0x0, 3);
  write(0x4, 1);
  expect([read(0x0), read(0x4)]).toEqual([0x1c2, 0x3ffc]);
  start(1, 7);
  write(0x8, 0x1998);
  write(0x0, 0xab_c000);
  pass(100 * clockHz);
  expect(happened).toEqual([]);
});

test('the state goes on elsewhere', () => {
  const { device, pass, start } = swdt();
  start(2, 7);
  pass(clockHz);
  const other = swdt();
  other.device.loadState(structuredClone(device.saveState()));
  other.pass(2.1 * clockHz);
  expect(other.happened).toEqual(['interrupt', 'reset']);
});
