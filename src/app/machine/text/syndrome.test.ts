import { expect, test } from 'vitest';
import '../../i18n/later.ts';
import { translator } from '../../i18n/translate.ts';
import { describeSyndrome, hasAddress } from './syndrome.ts';

test.each([
  [0x5a00_0ea1, 'hypervisor call (HVC) #0xea1'],
  [0x9200_0046, 'data abort: translation fault, level 2, on a write'],
  [0x9600_000f, 'data abort: permission fault, level 3, on a read'],
  [0x8200_0005, 'instruction abort: translation fault, level 1'],
  [0x9600_0021, 'data abort: alignment fault, on a read'],
  [0xf200_0001, 'BRK instruction #0x1'],
  [0x0200_0000, 'undefined instruction'],
  [0x4200_0000, 'exception class 0x10'],
])('ESR %#x is %s', (esr, expected) => {
  expect(describeSyndrome(esr, translator('en'))).toBe(expected);
});

test('an abort has an address, a call has none', () => {
  expect(hasAddress(0x9200_0046)).toBe(true);
  expect(hasAddress(0x5a00_0ea1)).toBe(false);
});
