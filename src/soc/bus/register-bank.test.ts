import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crlApb } from '../devices/system/control-registers.ts';
import { RegisterBank } from './register-bank.ts';

const table = { PLAIN: [0x0, 0x1122_3344, 0xffff_ffff], PARTLY: [0x8, 0xff, 0xf0], STATUS: [0xc, 0x5] } as const;
const make = (messages: string[] = []) =>
  new RegisterBank('bank', table, (source, text) => messages.push(`${source}: ${text}`));

test('writable bits change, by bytes and halves too', () => {
  const bank = make();
  bank.write(0, 4, 0xdead_beef);
  bank.write(1, 1, 0x55);
  bank.write(2, 2, 0x1234);
  expect(bank.read(0, 4)).toBe(0x1234_55ef);
  expect([bank.read(3, 1), bank.read(2, 2), bank.read(1, 1)]).toEqual([0x12, 0x1234, 0x55]);
  bank.write(8, 4, 0xffff_ffff);
  expect(bank.read(8, 4)).toBe(0xff);
  bank.write(8, 4, 0);
  expect(bank.read(8, 4)).toBe(0xf);
  bank.write(0xc, 4, 0);
  expect(bank.read(0xc, 4)).toBe(5);
});

test('firmware can change any bit', () => {
  const bank = make();
  bank.change(0xc, 0xff00, 0x1234);
  expect(bank.get(0xc)).toBe(0x1205);
  expect(() => bank.get(4)).toThrow('register 0x4 of bank is missing');
});

test('other offsets read as zero and are reported once', () => {
  const messages: string[] = [];
  const bank = make(messages);
  for (let i = 0; i < 2; i++) {
    expect(bank.read(4, 4)).toBe(0);
    bank.write(4, 4, 7);
  }
  expect(messages).toEqual([
    'bank: read at offset 0x4: no such register',
    'bank: write of 0x7 at offset 0x4: no such register',
  ]);
});

test('a reset and a saved state bring the values back', () => {
  const bank = make();
  bank.write(0, 4, 1);
  const state = bank.saveState();
  bank.reset();
  expect(bank.read(0, 4)).toBe(0x1122_3344);
  bank.loadState(state);
  expect(bank.read(0, 4)).toBe(1);
});

test('only writable bits ever change', () => {
  const access = fc.tuple(fc.nat(0x3ff), fc.constantFrom<1 | 2 | 4>(1, 2, 4), fc.integer({ min: 0, max: 0xffff_ffff }));
  fc.assert(
    fc.property(fc.array(access, { maxLength: 50 }), (accesses) => {
      const bank = new RegisterBank('crlApb', crlApb, () => {});
      for (const [offset, width, value] of accesses) bank.write(offset & -width, width, value);
      for (const [offset, value, writable = 0] of Object.values(crlApb) as readonly (readonly number[])[])
        expect((bank.read(offset as number, 4) ^ (value as number)) & ~writable).toBe(0);
    }),
  );
});
