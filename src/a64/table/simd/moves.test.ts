import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InstructionBench } from '../../../engine/interpreter/instruction-testing.ts';
import type { Instruction } from '../../instruction.ts';
import type { Fields } from '../../pattern.ts';
import { simdPermute } from './permute.ts';
import { encode, lanesOf, operandsFrom, operationsOf, vectorOf } from './simd-testing.ts';
import { simdStructures } from './structures.ts';
import { simdThreeSame } from './three-same.ts';
import { simdTwoRegister } from './two-register.ts';

// What moves bits only: permutes, copies, bitwise operations, immediates, structures in memory.

const rows = [...simdPermute, ...simdStructures, ...simdThreeSame, ...simdTwoRegister];
const bench = new InstructionBench(rows);
const vector = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

const named = (name: string): Instruction[] => {
  const found = rows.filter((row) => row.name === name);
  expect(found.length).toBeGreaterThan(0);
  return found;
};

/** Runs all operations of the rows of a name on random vectors: V0 is Rd, V1 Rn, V2 Rm. */
function checkAll(
  name: string,
  expected: (v: { d: bigint; n: bigint; m: bigint; third: bigint }, f: Fields, text: string) => bigint,
): void {
  for (const row of named(name)) {
    for (const { choices } of operationsOf(row)) {
      fc.assert(
        fc.property(vector, vector, vector, vector, fc.nat(), (d, n, m, third, random) => {
          const f = operandsFrom(row, choices, random);
          if (row.where && !row.where(f)) return;
          [d, n, m, third].forEach((value, i) => {
            bench.setV(i, value);
          });
          bench.run(encode(row, f));
          expect(bench.v(0).toString(16)).toBe(expected({ d, n, m, third }, f, row.asm(f)).toString(16));
        }),
        { numRuns: 30 },
      );
    }
  }
}

/** Size in bits and number of the lanes of the first register in a syntax. */
function arrangementIn(text: string): { bits: number; count: number } {
  const found = /\{V\.(\d+)([bhsd])/.exec(text);
  return { bits: 8 << 'bhsd'.indexOf(found?.[2] ?? 'b'), count: Number(found?.[1]) };
}

const mnemonicIn = (text: string): string => text.split(' ')[0] ?? '';

test('ZIP, UZP and TRN interleave, part and transpose', () => {
  checkAll('UZP1/TRN1/ZIP1/UZP2/TRN2/ZIP2', ({ n, m }, _f, text) => {
    const { bits, count } = arrangementIn(text);
    const a = lanesOf(n, bits, bits * count);
    const b = lanesOf(m, bits, bits * count);
    const half = count / 2;
    const all = [...a, ...b];
    const pairs = (from: number, step: number): bigint[] =>
      Array.from({ length: half }, (_, i) => [a[from + step * i] ?? 0n, b[from + step * i] ?? 0n]).flat();
    const lanes = {
      zip1: pairs(0, 1),
      zip2: pairs(half, 1),
      uzp1: all.filter((_, i) => i % 2 === 0),
      uzp2: all.filter((_, i) => i % 2 === 1),
      trn1: pairs(0, 2),
      trn2: pairs(1, 2),
    }[mnemonicIn(text)];
    return vectorOf(lanes ?? [], bits);
  });
});

test('EXT takes bytes from two registers joined', () => {
  checkAll('EXT', ({ n, m }, f, text) => {
    const { count } = arrangementIn(text);
    const joined = vectorOf([...lanesOf(n, 8, 8 * count), ...lanesOf(m, 8, 8 * count)], 8);
    return BigInt.asUintN(8 * count, joined >> BigInt(8 * (f.imm ?? 0)));
  });
});

test('TBL and TBX look bytes up in one to four registers', () => {
  const row = named('TBL/TBX')[0] as Instruction;
  for (const { choices } of operationsOf(row)) {
    const count = 1 + (choices.len ?? 0);
    const width = 64 << (choices.Q ?? 0);
    fc.assert(
      fc.property(fc.array(vector, { minLength: 4, maxLength: 4 }), vector, vector, (table, d, raw) => {
        const index = raw & BigInt(`0x${'7f'.repeat(16)}`);
        // The list wraps from V31 to V0.
        table.forEach((value, i) => {
          bench.setV((30 + i) & 31, value);
        });
        bench.setV(5, d);
        bench.setV(6, index);
        bench.run(encode(row, { ...choices, Rd: 5, Rn: 30, Rm: 6 }));
        const bytes = table.slice(0, count).flatMap((value) => lanesOf(value, 8, 128));
        const old = lanesOf(d, 8, width);
        const expected = lanesOf(index, 8, width).map(
          (i, at) => bytes[Number(i)] ?? (choices.op ? (old[at] ?? 0n) : 0n),
        );
        expect(bench.v(5)).toBe(vectorOf(expected, 8));
      }),
      { numRuns: 30 },
    );
  }
});

test('bitwise operations', () => {
  checkAll('AND/BIC/ORR/ORN/EOR/BSL/BIT/BIF (vector)', ({ d, n, m }, f, text) => {
    const choose = (mask: bigint, yes: bigint, no: bigint): bigint => (yes & mask) | (no & ~mask);
    const result = {
      and: n & m,
      bic: n & ~m,
      orr: n | m,
      orn: n | ~m,
      eor: n ^ m,
      bsl: choose(d, n, m),
      bit: choose(m, n, d),
      bif: choose(m, d, n),
    }[mnemonicIn(text)];
    return BigInt.asUintN(64 << (f.Q ?? 0), result ?? 0n);
  });
  checkAll('NOT/RBIT (vector)', ({ n }, f) => {
    const reversed = (b: bigint): bigint => BigInt(`0b${[...b.toString(2).padStart(8, '0')].reverse().join('')}`);
    const bytes = lanesOf(n, 8, 64 << (f.Q ?? 0));
    return vectorOf(
      bytes.map((b) => (f.rbit ? reversed(b) : ~b)),
      8,
    );
  });
});

test('copies between lanes and general registers', () => {
  const index = (text: string, f: Fields): number => f[/\[(imm2?)\]:Rn/.exec(text)?.[1] ?? ''] ?? 0;
  const letterBits = (text: string): number => 8 << 'bhsd'.indexOf(/V\.\d*([bhsd])/.exec(text)?.[1] ?? '');
  checkAll('DUP (element)', ({ n }, f, text) => {
    const { bits, count } = arrangementIn(text);
    const lane = lanesOf(n, bits, 128)[index(text, f)] ?? 0n;
    return vectorOf(new Array<bigint>(count).fill(lane), bits);
  });
  checkAll('DUP (element, scalar)', ({ n }, f, text) => lanesOf(n, letterBits(text), 128)[index(text, f)] ?? 0n);
  checkAll('INS (element)', ({ d, n }, f, text) => {
    const bits = letterBits(text);
    const lanes = lanesOf(d, bits, 128);
    lanes[f.imm ?? 0] = lanesOf(n, bits, 128)[f.imm2 ?? 0] ?? 0n;
    return vectorOf(lanes, bits);
  });
  bench.core.setX(1, 0x8123_4567_89ab_cdefn);
  checkAll('DUP (general)', (_v, _f, text) => {
    const { bits, count } = arrangementIn(text);
    return vectorOf(new Array<bigint>(count).fill(bench.core.x(1)), bits);
  });
  checkAll('INS (general)', ({ d }, f, text) => {
    const bits = letterBits(text);
    const lanes = lanesOf(d, bits, 128);
    lanes[f.imm ?? 0] = bench.core.x(1);
    return vectorOf(lanes, bits);
  });
  for (const name of ['UMOV', 'SMOV']) {
    checkAll(name, ({ d, n }, f, text) => {
      const bits = letterBits(text);
      const lane = lanesOf(n, bits, 128)[index(text, f)] ?? 0n;
      const width = text.includes('{X:') ? 64 : 32;
      expect(bench.core.x(0)).toBe(BigInt.asUintN(width, name === 'SMOV' ? BigInt.asIntN(bits, lane) : lane));
      return d;
    });
  }
});

test('modified immediates', () => {
  const [row] = named('MOVI/MVNI/ORR/BIC (vector, immediate)');
  const result = (word: number, d: bigint): string => {
    bench.setV(0, d);
    bench.run(word);
    return bench.v(0).toString(16);
  };
  const ones = (1n << 128n) - 1n;
  expect(row).toBeDefined();
  expect(result(0x4f024640, ones)).toBe('52000000520000005200000052000'.padEnd(30, '0')); // movi v0.4s, #0x52, lsl #16
  expect(result(0x0f02c640, 0n)).toBe('52ff000052ff'); // movi v0.2s, #0x52, msl #8
  expect(result(0x2f02d640, 0n)).toBe('ffad0000ffad0000'); // mvni v0.2s, #0x52, msl #16
  expect(result(0x6f02e640, 0n)).toBe('ff00ff0000ff0000ff00ff0000ff00'); // movi v0.2d, #0xff00ff0000ff00
  expect(result(0x0f02e640, 0n)).toBe('5252525252525252'); // movi v0.8b, #0x52
  expect(result(0x0f02b640, 1n)).toBe('5200520052005201'); // orr v0.4h, #0x52, lsl #8
  expect(result(0x6f021640, ones)).toBe('ffffffadffffffadffffffadffffffad'); // bic v0.4s, #0x52
});

/** Elements of a list of registers, in the order of memory. */
function structureBytes(registers: readonly bigint[], bits: number, width: number, interleaved: boolean): number[] {
  const lanes = registers.map((v) => lanesOf(v, bits, width));
  const order = interleaved
    ? Array.from({ length: width / bits }, (_, i) => lanes.map((l) => l[i] ?? 0n)).flat()
    : lanes.flat();
  return order.flatMap((lane) => lanesOf(lane, 8, bits).map(Number));
}

/** Where structures lie in the part of the memory that is looked at. */
const address = 0x13n;
const window = bench.ram.subarray(0, 0x60);

/** All structure forms with V30 as the first register, X9 as the base and X10, or the size for XZR, added after. */
function checkStructures(
  name: string,
  run: (f: Fields, text: string, registers: bigint[], memory: Uint8Array) => { registers: bigint[]; bytes: number[] },
): void {
  for (const row of [...named(name), ...rows.filter((r) => r.name === name.replace(')', ', post-index)'))]) {
    const isPost = row.name.includes('post-index');
    for (const { choices } of operationsOf(row)) {
      const f = { ...operandsFrom(row, choices, 0x5a5a5 + (choices.even ?? 0)), Rt: 30, Rn: 9, Rm: 10 };
      for (const Rm of isPost ? [10, 31] : [10]) {
        const registers = [0, 1, 2, 3].map((i) => BigInt(`0x${'0123456789abcdef'.repeat(2)}`) ^ (BigInt(i) * 0x1111n));
        registers.forEach((value, i) => {
          bench.setV((30 + i) & 31, value);
        });
        const before = Uint8Array.from(window, (_, i) => (i * 73 + 19) & 0xff);
        window.set(before);
        bench.core.setX(9, address);
        bench.core.setX(10, 0x1_0000_0001n);
        bench.run(encode(row, { ...f, Rm }));
        const text = row.asm(f);
        const expected = run(f, text, registers, before.subarray(Number(address)));
        expect(
          [0, 1, 2, 3].map((i) => bench.v((30 + i) & 31).toString(16)),
          text,
        ).toEqual(registers.map((old, i) => (expected.registers[i] ?? old).toString(16)));
        const after = before.slice();
        after.set(expected.bytes, Number(address));
        expect([...window], text).toEqual([...after]);
        const size = BigInt(/postindex (\d+):/.exec(text)?.[1] ?? 0);
        expect(bench.core.x(9)).toBe(address + (isPost ? (Rm === 31 ? size : 0x1_0000_0001n) : 0n));
      }
    }
  }
}

test('LD1-LD4 and ST1-ST4 of multiple structures', () => {
  checkStructures('LD1-LD4/ST1-ST4 (multiple structures)', (f, text, registers, memory) => {
    const list = /(ld|st)(\d) \{list (\d+)([bhsd]) (\d):Rt\}/.exec(text);
    const [count, lanes, bits] = [Number(list?.[5]), Number(list?.[3]), 8 << 'bhsd'.indexOf(list?.[4] ?? '')];
    const interleaved = list?.[2] !== '1';
    const width = lanes * bits;
    if (!f.L) return { registers: [], bytes: structureBytes(registers.slice(0, count), bits, width, interleaved) };
    const elements = lanesOf(
      vectorOf(Array.from(memory.subarray(0, (count * width) / 8), BigInt), 8),
      bits,
      count * width,
    );
    const loaded = Array.from({ length: count }, (_, r) =>
      vectorOf(
        elements.filter((_e, i) => (interleaved ? i % count === r : Math.floor(i / lanes) === r)),
        bits,
      ),
    );
    return { registers: loaded, bytes: [] };
  });
});

test('LD1-LD4 and ST1-ST4 of single structures', () => {
  checkStructures('LD1-LD4/ST1-ST4 (single structure)', (f, text, registers, memory) => {
    const list = /\{list ([bhsd]) (\d)\[(.*)\]:Rt\}/.exec(text);
    const [bits, count] = [8 << 'bhsd'.indexOf(list?.[1] ?? ''), Number(list?.[2])];
    const lanes = 128 / bits;
    const index = list?.[3] === 'immQ' ? (f.immQ ?? 0) : ((f.immQ ?? 0) * lanes) / 2 + (f.imm ?? 0);
    const chosen = registers.slice(0, count);
    if (!f.L)
      return { registers: [], bytes: chosen.flatMap((v) => lanesOf(v >> BigInt(bits * index), 8, bits).map(Number)) };
    const elements = lanesOf(
      vectorOf(Array.from(memory.subarray(0, (count * bits) / 8), BigInt), 8),
      bits,
      count * bits,
    );
    const loaded = chosen.map((old, r) => {
      const all = lanesOf(old, bits, 128);
      all[index] = elements[r] ?? 0n;
      return vectorOf(all, bits);
    });
    return { registers: loaded, bytes: [] };
  });
});

test('LD1R-LD4R', () => {
  for (const name of ['LD1R-LD4R', 'LD1R-LD4R (post-index)']) {
    checkStructures(name, (_f, text, registers, memory) => {
      const list = /\{list (\d+)([bhsd]) (\d):Rt\}/.exec(text);
      const [lanes, bits, count] = [Number(list?.[1]), 8 << 'bhsd'.indexOf(list?.[2] ?? ''), Number(list?.[3])];
      const elements = lanesOf(
        vectorOf(Array.from(memory.subarray(0, (count * bits) / 8), BigInt), 8),
        bits,
        count * bits,
      );
      const loaded = registers
        .slice(0, count)
        .map((_, r) => vectorOf(new Array<bigint>(lanes).fill(elements[r] ?? 0n), bits));
      return { registers: loaded, bytes: [] };
    });
  }
});
