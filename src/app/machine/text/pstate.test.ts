import { expect, test } from 'vitest';
import { describePstate } from './pstate.ts';

test.each([
  [0, 0, 'nzcv daif EL0'],
  [0x8000_0000, 1, 'Nzcv daif EL1'],
  [0x6000_03c5, 1, 'nZCv DAIF EL1'],
  [0x1000_0080, 2, 'nzcV daIf EL2'],
])('PSTATE %i at EL%i is %s', (pstate, el, expected) => {
  expect(describePstate(pstate, el)).toBe(expected);
});
