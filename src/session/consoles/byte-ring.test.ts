import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteRing } from './byte-ring.ts';

test('windows are slices of the stream, as far back as the ring holds it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(255), { maxLength: 150 }),
      fc.nat(200),
      fc.nat(60),
      (capacity, stream, from, budget) => {
        const ring = new ByteRing(capacity);
        for (const byte of stream) ring.push(byte);
        const got = ring.window(from, budget);
        const first = Math.min(Math.max(from, stream.length - capacity), stream.length);
        expect(ring.end).toBe(stream.length);
        expect(got.from).toBe(first);
        expect([...got.bytes]).toEqual(stream.slice(first, first + budget));
      },
    ),
  );
});

test('a window is a copy with a buffer of its own', () => {
  const ring = new ByteRing(4);
  ring.push(1);
  const { bytes } = ring.window(0, 4);
  for (let i = 2; i < 9; i++) ring.push(i);
  expect([...bytes]).toEqual([1]);
  expect(bytes.buffer.byteLength).toBe(1);
});
