import { expect, test } from 'vitest';
import { Tty } from './tty.ts';

const keysOf = (...pieces: readonly (readonly number[])[]): string[] => {
  const tty = new Tty(() => {});
  for (const piece of pieces) tty.type(Uint8Array.from(piece));
  const keys: string[] = [];
  for (let key = tty.key(); key !== undefined; key = tty.key()) keys.push(key);
  return keys;
};

test('a character may come in pieces', () => {
  const bytes = [...new TextEncoder().encode('aé字😀b')];
  for (let cut = 0; cut <= bytes.length; cut++)
    expect(keysOf(bytes.slice(0, cut), bytes.slice(cut))).toEqual(['a', 'é', '字', '😀', 'b']);
  expect(keysOf(...bytes.map((byte) => [byte]))).toEqual(['a', 'é', '字', '😀', 'b']);
});

test('bytes that are no UTF-8 become replacement characters', () => {
  expect(keysOf([0x61, 0xff, 0x62])).toEqual(['a', '\ufffd', 'b']);
  expect(keysOf([0xe3], [0x61])).toEqual(['\ufffd', 'a']);
});

test('an escape sequence is one key', () => {
  expect(keysOf([0x1b, 0x5b, 0x41, 0x1b, 0x4f, 0x48, 0x78])).toEqual(['\x1b[A', '\x1bOH', 'x']);
});
