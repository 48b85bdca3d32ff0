import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, toBase64 } from './base64.ts';

test('is what Node writes, and reads back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
  );
});

test.each(['A', 'AAA', 'A===', '====', 'AA=A', 'A=AA', 'AB==', 'AAB=', 'A_8=', ' AAA', 'AAA\n'])(
  '%j is none',
  (text) => {
    expect(fromBase64(text)).toBeNull();
  },
);
