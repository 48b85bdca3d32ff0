import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { Rtc } from './rtc.ts';

const second = 1_200_000_000;
const powerOn = Date.UTC(2026, 0, 1) / 1000;

/** Interrupt outputs. */
const alarm = 0;
const seconds = 1;

const rtc = () => alone((wiring) => new Rtc('rtc', wiring));

test('it counts virtual seconds from a fixed date', () => {
  const { read, pass } = rtc();
  expect([read(0x10), read(0x0c), read(0x14)]).toEqual([powerOn, 0x7fff, 0]);
  pass(3.5 * second);
  expect([read(0x10), read(0x14), read(0x20)]).toEqual([powerOn + 3, 0x4000, 1]);
});

test('the time is set as rtc-zynqmp does: it shows from the next second on', () => {
  const { read, write, pass } = rtc();
  pass(0.5 * second);
  write(0x00, 1_000_001);
  write(0x20, 1);
  expect([read(0x04), read(0x10), read(0x20)]).toEqual([1_000_001, powerOn, 0]);
  pass(0.5 * second);
  expect([read(0x10), read(0x20)]).toEqual([1_000_001, 1]);
  pass(second);
  expect(read(0x10)).toBe(1_000_002);
});

test('the alarm interrupts when its second comes, and only then does anything happen', () => {
  const { read, write, pass, lines, next } = rtc();
  write(0x18, powerOn + 5);
  write(0x28, 2);
  expect([read(0x24), next()]).toEqual([1, 5 * second]);
  pass(5 * second - 1);
  expect(lines.has(alarm)).toBe(false);
  pass(1);
  expect([...lines]).toEqual([alarm]);
  write(0x20, 2);
  write(0x2c, 2);
  expect([lines.has(alarm), read(0x24)]).toEqual([false, 3]);
});

test('each second interrupts', () => {
  const { write, pass, lines } = rtc();
  write(0x28, 1);
  for (let i = 0; i < 3; i++) {
    pass(second);
    expect(lines.has(seconds)).toBe(true);
    write(0x20, 1);
    expect(lines.has(seconds)).toBe(false);
  }
});

test('the calibration changes the length of a second', () => {
  const { read, write, pass } = rtc();
  write(0x08, 0x3fff); // half of the oscillator's ticks
  pass(second);
  expect(read(0x10)).toBe(powerOn + 2);
  write(0x08, 0x1f_7fff); // 15/16 of a tick more
  pass(second);
  expect(read(0x10)).toBe(powerOn + 2);
  pass(second);
  expect(read(0x10)).toBe(powerOn + 3);
});

test('the state goes on elsewhere', () => {
  const { device, write } = rtc();
  write(0x18, powerOn + 2);
  write(0x28, 2);
  const other = rtc();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
  other.pass(2 * second);
  expect(other.lines.has(alarm)).toBe(true);
});
