import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Core, FlagKind } from '../../a64/layout.ts';
import { CoreState } from './core.ts';
import { Memory } from './memory.ts';

/** Flags of AddWithCarry (Arm ARM DDI 0487, shared/functions/integer/AddWithCarry), in bits 31-28. */
const addWithCarry = (width: number, x: bigint, y: bigint, carry: bigint): number => {
  const unsigned = BigInt.asUintN(width, x) + BigInt.asUintN(width, y) + carry;
  const signed = BigInt.asIntN(width, x) + BigInt.asIntN(width, y) + carry;
  const result = BigInt.asUintN(width, unsigned);
  const n = result >> BigInt(width - 1);
  const z = result === 0n ? 1n : 0n;
  const c = result === unsigned ? 0n : 1n;
  const v = BigInt.asIntN(width, result) === signed ? 0n : 1n;
  return Number((n << 31n) | (z << 30n) | (c << 29n) | (v << 28n));
};

test('NZCV comes from what set the flags', () => {
  const core = new CoreState(new Memory(1, []), 0);
  const edge = fc.constantFrom(
    0n,
    1n,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
    1n << 32n,
    1n << 63n,
    (1n << 64n) - 1n,
  );
  const operand = fc.oneof(edge, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }));
  fc.assert(
    fc.property(operand, operand, (a, b) => {
      core.setLong(Core.flagA, a);
      core.setLong(Core.flagB, b);
      const nzcv = (kind: number): number => {
        core.setWord(Core.flagKind, kind);
        return core.nzcv;
      };
      expect(nzcv(FlagKind.add64)).toBe(addWithCarry(64, a, b, 0n));
      expect(nzcv(FlagKind.sub64)).toBe(addWithCarry(64, a, ~b, 1n));
      expect(nzcv(FlagKind.add32)).toBe(addWithCarry(32, a, b, 0n));
      expect(nzcv(FlagKind.sub32)).toBe(addWithCarry(32, a, ~b, 1n));
      expect(nzcv(FlagKind.logic)).toBe(addWithCarry(64, a, 0n, 0n));
      expect(nzcv(FlagKind.packed)).toBe(Number(a & 0xf000_0000n));
    }),
    { numRuns: 2000 },
  );
});
