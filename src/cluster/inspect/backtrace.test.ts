import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Activation, afterCall, backtrace, type CodeView, caller } from './backtrace.ts';

const start = 0x8_0000n;
const stack = 0x10_0000n;

/** Memory that holds these 64-bit numbers, and a function of these instructions at `start`. */
const view = (longs: Readonly<Record<number, bigint>>, code: readonly number[] = [], known = true): CodeView => ({
  word: (address) => code[Number(address - start) / 4] ?? null,
  long: (address) => longs[Number(address - stack)] ?? null,
  functionStart: () => (known ? start : null),
});

const at = (instruction: number, registers: Partial<Activation> = {}): Activation => ({
  pc: start + 4n * BigInt(instruction),
  el: 1,
  sp: stack,
  x29: stack,
  x30: 0x9999_0000n,
  ...registers,
});

const stpRecord = 0xa9be_7bfd; // stp x29, x30, [sp, #-32]!
const movFrame = 0x9100_03fd; // mov x29, sp
const ldpRecord = 0xa8c2_7bfd; // ldp x29, x30, [sp], #32
const subSp = 0xd100_83ff; // sub sp, sp, #32
const nop = 0xd503_201f;
const ret = 0xd65f_03c0;
const withFrame = [stpRecord, movFrame, nop, ldpRecord, ret, nop];

/** Records at 0, 0x20 and 0x40 of the stack, the last one of nobody. */
const records = { 0: stack + 0x20n, 8: 0x8_1000n, 32: stack + 0x40n, 40: 0x8_2000n, 64: 0n, 72: 0n };

describe('back-traces', () => {
  test('follow frame records to the one that has no return address', () => {
    expect(backtrace(at(2), view(records, withFrame))).toEqual({
      addresses: [start + 8n, 0x8_1000n, 0x8_2000n],
      end: 'outermost',
    });
  });

  test.each([
    ['before its record is made', 0, true],
    ['before X29 points to its record', 1, true],
    ['with its record', 2, false],
    ['after it was taken away', 4, true],
    ['behind a return in the middle of its body', 5, false],
  ])('take the return address of a function %s from where it is', (_, instruction, inLink) => {
    const { addresses } = backtrace(at(instruction), view(records, withFrame));
    expect(addresses.slice(1)).toEqual([...(inLink ? [0x9999_0000n] : []), 0x8_1000n, 0x8_2000n]);
  });

  test('trust X29 where the start of the function is not known or too far, or its code is gone', () => {
    expect(backtrace(at(0), view(records, withFrame, false)).addresses[1]).toBe(0x8_1000n);
    expect(backtrace(at(0x1_0000), view(records, withFrame)).addresses[1]).toBe(0x8_1000n);
    expect(backtrace(at(3), view(records, [])).addresses[1]).toBe(0x8_1000n);
  });

  test('follow functions without records by where their code has put X30', () => {
    // As in Debian's Xen: two functions, at 0 and at 0x40, and one at 0x80 that keeps X30 where it is.
    const code = new Map([
      [0x00n, 0xa9bd_53f3], // stp x19, x20, [sp, #-48]!
      [0x04n, 0xf900_13fe], // str x30, [sp, #32]
      [0x08n, nop],
      [0x0cn, 0xf940_13fe], // ldr x30, [sp, #32]
      [0x10n, 0xa8c3_53f3], // ldp x19, x20, [sp], #48
      [0x14n, ret],
      [0x18n, nop],
      [0x40n, 0xd100_83ff], // sub sp, sp, #32
      [0x44n, 0xa901_7bfd - 0x0000_0001], // stp x28, x30, [sp, #16]
      [0x48n, nop],
      [0x80n, 0xd100_43ff], // sub sp, sp, #16
      [0x84n, nop],
    ]);
    const longs = new Map([
      [16n + 32n, start + 0x48n], // of the function at 0, above that at 0x80
      [16n + 48n + 24n, 0x30_0000n],
    ]);
    const memory: CodeView = {
      word: (address) => code.get(address - start) ?? nop,
      long: (address) => longs.get(address - stack) ?? null,
      functionStart: (address) => (address < start || address >= start + 0x100n ? null : address & ~0x3fn),
    };
    const now = at(0x84 / 4, { x30: start + 0x18n });
    const chain = [start + 0x84n, start + 0x18n, start + 0x48n, 0x30_0000n];
    expect(backtrace(now, memory)).toEqual({ addresses: chain, end: 'outermost' });
    expect(caller(at(0x08 / 4, { sp: stack + 16n, x30: 1n }), memory)).toEqual({
      address: start + 0x48n,
      el: 1,
      sp: stack + 16n + 48n,
    });
    // Before X30 is saved, and after it was loaded back.
    for (const instruction of [0, 1, 4, 5])
      expect(backtrace(at(instruction, { x30: 0x30_0000n }), memory).addresses[1]).toBe(0x30_0000n);
  });

  test.each([
    ['an X29 of zero', { x29: 0n }, {}, 'outermost'],
    ['a record that is not aligned', { x29: stack + 4n }, {}, 'unreadable'],
    ['a record that is not mapped', { x29: 0xffff_ffff_ffff_fff8n }, {}, 'unreadable'],
    ['a record that leads to itself', {}, { 0: stack, 8: 0x8_1000n }, 'loop'],
  ] as const)('end at %s', (_, registers, longs, end) => {
    expect(backtrace(at(2, registers), view(longs, withFrame)).end).toBe(end);
  });

  test('end in a function without a caller', () => {
    expect(backtrace(at(0, { x30: 0n }), view(records, withFrame))).toEqual({ addresses: [start], end: 'outermost' });
  });

  test('end, whatever the stack holds', () => {
    const endless: CodeView = { word: () => nop, long: (a) => a + 16n, functionStart: () => null };
    expect(backtrace(at(0), endless)).toMatchObject({ end: 'limit', addresses: { length: 256 } });
    const offset = fc.integer({ min: 0, max: 40 }).map((n) => stack + 8n * BigInt(n));
    fc.assert(
      fc.property(fc.array(fc.oneof(offset, fc.bigInt(0n, 2n ** 64n - 1n)), { maxLength: 42 }), (longs) => {
        const memory = Object.fromEntries(longs.map((value, i) => [8 * i, value]));
        const { addresses } = backtrace(at(2), view(memory, withFrame));
        expect(addresses.length).toBeLessThan(50);
      }),
    );
  });
});

describe('the caller', () => {
  test('is where the record says, with the record off the stack', () => {
    expect(caller(at(2), view(records, withFrame))).toEqual({ address: 0x8_1000n, el: 1, sp: stack + 16n });
  });

  test('is in X30 without a record; what is on the stack already comes off', () => {
    const address = 0x9999_0000n;
    expect(caller(at(0), view(records, withFrame))).toEqual({ address, el: 1, sp: stack });
    expect(caller(at(1), view(records, withFrame))).toEqual({ address, el: 1, sp: stack + 16n });
    expect(caller(at(4), view(records, withFrame))).toEqual({ address, el: 1, sp: stack });
    expect(caller(at(1), view(records, [subSp, nop]))).toEqual({ address, el: 1, sp: stack + 16n });
  });

  test('is unknown where nothing tells', () => {
    expect(caller(at(0, { x30: 0n }), view(records, withFrame))).toBeNull();
    expect(caller(at(2, { x29: stack + 0x40n }), view(records, withFrame))).toBeNull();
    expect(caller(at(2, { x29: 0n }), view(records, withFrame))).toBeNull();
  });
});

test('calls are BL, BLR, SVC, HVC and SMC', () => {
  const destination = { address: start + 4n, el: 1, sp: stack };
  for (const word of [0x9400_0010, 0x97ff_ffff, 0xd63f_0020, 0xd400_0001, 0xd41f_ffe2, 0xd400_0003])
    expect(afterCall(at(0), word)).toEqual(destination);
  for (const word of [0x1400_0010, 0xd61f_0020, ret, 0xd420_0000, 0xd440_0000, 0xd4a0_0001, nop])
    expect(afterCall(at(0), word)).toBeNull();
});
