import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBitMasks, encodeBitMask } from './bitmask.ts';

const all = (sf: 0 | 1): Map<bigint, { N: number; immr: number; imms: number }> => {
  const values = new Map<bigint, { N: number; immr: number; imms: number }>();
  for (let N = 0; N < 2; N++) {
    for (let immr = 0; immr < 64; immr++) {
      for (let imms = 0; imms < 64; imms++) {
        const value = decodeBitMasks(sf, N, immr, imms);
        if (value !== undefined && !values.has(value)) values.set(value, { N, immr, imms });
      }
    }
  }
  return values;
};

describe('immediates of logical instructions', () => {
  // Each element size e has e rotations of e - 1 runs; sizes 2 to 64, or to 32 (Arm ARM J1.3, DecodeBitMasks).
  test.each([
    [1, 5334],
    [0, 1302],
  ] as const)('sf=%i: there are %i of them, and each encodes to itself', (sf, count) => {
    const values = all(sf);
    expect(values.size).toBe(count);
    for (const value of values.keys()) {
      const encoding = encodeBitMask(sf, value);
      expect(encoding && decodeBitMasks(sf, encoding.N, encoding.immr, encoding.imms)).toBe(value);
    }
  });

  test('what is none has no encoding', () => {
    const values = all(1);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(encodeBitMask(1, value) !== undefined).toBe(values.has(value));
      }),
    );
  });
});
