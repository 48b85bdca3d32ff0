import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gunzip } from './gzip.ts';

/** Data with something to repeat, near and far. */
const data = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 30 }), fc.nat(300)), { maxLength: 30 })
  .map((parts) =>
    Uint8Array.from(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())),
  );

const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED];

test('unpacks what zlib packs', () => {
  fc.assert(
    fc.property(data, fc.nat(9), fc.constantFrom(...strategies), (bytes, level, strategy) => {
      const result = gunzip(gzipSync(bytes, { level, strategy }));
      expect(result.ok && Buffer.compare(result.value, bytes)).toBe(0);
    }),
  );
});

test('unpacks incompressible data and long repeats', () => {
  const noise = Uint8Array.from({ length: 200_000 }, (_, i) => Math.imul(i + 1, 0x9e37_79b1) >>> 24);
  const twice = new Uint8Array(400_000);
  twice.set(noise);
  twice.set(noise, 200_000);
  for (const bytes of [noise, twice, new Uint8Array(1_000_000)]) {
    const result = gunzip(gzipSync(bytes));
    expect(result.ok && Buffer.compare(result.value, bytes)).toBe(0);
  }
});

test('passes over name, comment and extra fields', () => {
  const body = Buffer.from('kernel');
  const packed = gzipSync(body);
  const header = Uint8Array.of(
    0x1f,
    0x8b,
    8,
    2 | 4 | 8 | 16,
    0,
    0,
    0,
    0,
    0,
    3,
    2,
    0,
    1,
    2,
    0x61,
    0,
    0x62,
    0x63,
    0,
    9,
    9,
  );
  const result = gunzip(Buffer.concat([header, deflateRawSync(body), packed.subarray(-8)]));
  expect(result.ok && Buffer.from(result.value).toString()).toBe('kernel');
});

describe('a file that cannot be unpacked is refused with a reason', () => {
  const packed = gzipSync(Buffer.from('some text to repeat, some text to repeat'));
  const changed = (at: number, value: number) => {
    const bytes = new Uint8Array(packed);
    bytes[at] = value;
    return bytes;
  };
  test.each<[string, Uint8Array]>([
    ['is no gzip file', new Uint8Array(30)],
    ['is cut short: it ends inside its gzip data', packed.subarray(0, 12)],
    ['is cut short: it ends inside its gzip data', packed.subarray(0, -1)],
    ['is damaged: its gzip checksum is wrong', changed(packed.length - 1, 0x55)],
    ['is damaged: it has a block of no known kind', changed(10, 7)],
  ])('%s', (reason, bytes) => {
    expect(gunzip(bytes)).toEqual({ ok: false, error: reason });
  });

  test('any damage is found, or is in a part that says nothing of the data', () => {
    const whole = gunzip(packed);
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), fc.nat(packed.length), (at, value, length) => {
        const result = gunzip(changed(at, value).subarray(0, length));
        if (result.ok) expect(result).toEqual(whole);
        else expect(result.error).toMatch(/^is (no gzip file|cut short|damaged)/);
      }),
      { numRuns: 3000 },
    );
  });
});
