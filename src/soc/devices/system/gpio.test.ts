import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import { Gpio } from './gpio.ts';

const gpio = () => alone((wiring) => new Gpio('gpio', wiring));

test('a pin is driven when its direction and its output enable are set', () => {
  const { read, write } = gpio();
  write(0x000 + 4, (~0x80 << 16) | 0x80); // MASK_DATA_0_MSW: pin 23 alone
  expect([read(0x40), read(0x60)]).toEqual([0x80_0000, 0]);
  write(0x204, 1 << 23);
  expect(read(0x60)).toBe(0);
  write(0x208, 1 << 23);
  expect(read(0x60)).toBe(0x80_0000);
  write(0x40, 0);
  expect(read(0x60)).toBe(0);
});

test('a masked write changes only the pins that its mask does not protect', () => {
  const { read, write } = gpio();
  write(0x40 + 4 * 3, 0x1234_5678);
  write(0x18, 0xff00_00ff);
  expect(read(0x40 + 4 * 3)).toBe(0x1234_56ff);
  expect([read(0x18), read(0x1c)]).toEqual([0x56ff, 0x1234]);
  write(0x1c, 0x00ff_abcd);
  expect(read(0x40 + 4 * 3)).toBe(0xab34_56ff);
});

test('banks have the width of their pins', () => {
  const { read, write } = gpio();
  for (let bank = 0; bank < 6; bank++) write(0x204 + 0x40 * bank, 0xffff_ffff);
  expect([0, 1, 2, 3, 4, 5].map((bank) => read(0x204 + 0x40 * bank))).toEqual([
    0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff,
  ]);
});

test.each([
  ['rising edges', { polarity: 1, any: 0 }, [true, false, false]],
  ['falling edges', { polarity: 0, any: 0 }, [false, true, false]],
  ['any edges', { polarity: 0, any: 1 }, [true, true, false]],
] as const)('a button interrupts by %s', (_, { polarity, any }, expected) => {
  const { device, write, read, interrupts } = gpio();
  const pin = 1 << 22;
  write(0x214, 0x3ff_ffff);
  write(0x220, polarity * pin);
  write(0x224, any * pin);
  write(0x210, pin);
  const seen = [true, false, false].map((level) => {
    device.setInput(22, level);
    const now = interrupts();
    expect(read(0x218)).toBe(now ? pin : 0);
    write(0x218, pin);
    return now;
  });
  expect(seen).toEqual(expected);
});

test('a level interrupts for as long as it holds', () => {
  const { device, write, interrupts } = gpio();
  write(0x25c, 0x3ff_fffe); // bank 1, its pin 0: MIO26 by level
  write(0x260, 1);
  write(0x254, 0x3ff_ffff);
  write(0x258, 0x3ff_ffff);
  write(0x250, 1);
  expect(interrupts()).toBe(false);
  device.setInput(26, true);
  write(0x258, 1);
  expect(interrupts()).toBe(true);
  device.setInput(26, false);
  write(0x258, 1);
  expect(interrupts()).toBe(false);
});

test('the state goes on elsewhere', () => {
  const { device, write } = gpio();
  write(0x204, 3);
  write(0x210, 0x3ff_ffff);
  device.setInput(0, true);
  const other = gpio();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
});
