import { expect, test } from 'vitest';
import { array, chars, i16, struct, u16, u32, u64, union } from './layout.ts';
import { evtchn_status } from './structures.ts';

test('fields are where a C compiler for AArch64 has them', () => {
  const mixed = struct({ a: u16, b: u64, c: i16, d: u32 });
  expect((['a', 'b', 'c', 'd'] as const).map((name) => mixed.offsetOf(name))).toEqual([0, 8, 16, 20]);
  expect(mixed.size).toBe(24);
  expect(struct({ a: chars(3), b: u16 }).size).toBe(6);
  expect(union({ a: u16, b: u64 }).size).toBe(8);
});

test('a structure reads and writes its own bytes, those of structures within it too', () => {
  const bytes = new DataView(new ArrayBuffer(48));
  const argument = evtchn_status.get(bytes, 8);
  argument.dom = 0x7ff0;
  argument.u.interdomain.port = 0xffff_ffff;
  expect(bytes.getUint16(8, true)).toBe(0x7ff0);
  expect(bytes.getUint32(28, true)).toBe(0xffff_ffff);
  expect(argument.u.unbound.dom).toBe(0);
  expect(argument.bytes).toHaveLength(24);
  expect(argument.bytes[20]).toBe(0xff);
});

test('arrays and texts', () => {
  const both = struct({ words: array(u64, 2), text: chars(4) }).make();
  both.words = [1n, 2n];
  both.text = 'abcdef';
  expect(both.words).toEqual([1n, 2n]);
  expect(both.text).toBe('abc');
});
