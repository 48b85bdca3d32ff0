import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decoder } from '../../src/a64/decoder.ts';
import { disassemble } from '../../src/a64/disassemble.ts';
import { table } from '../../src/a64/table/index.ts';
import { difference, differences } from './differences.ts';
import { compareImage, compareTexts, compareWords, sampleWords } from './samples.ts';

/** The recorded output of GNU binutils (scripts/gnu.mjs --record). */
interface Recording {
  readonly version: string;
  readonly words: number[];
  /** objdump's text of each word. */
  readonly texts: string[];
  /** Images that as and ld made of sources, in base 64. */
  readonly images: Record<string, string>;
}

const recording: Recording = JSON.parse(
  brotliDecompressSync(readFileSync(new URL('recorded.br', import.meta.url))).toString(),
);

describe(`against ${recording.version}`, () => {
  test('words of every row, and of every operation of rows with few', () => {
    const rows = new Set(recording.words.map((word) => decoder.decode(word)?.instruction));
    expect(table.filter((row) => !rows.has(row)).map(({ name }) => name)).toEqual([]);
    expect(recording.texts).toHaveLength(recording.words.length);
    expect(compareTexts(recording.words, recording.texts)).toEqual([]);
  });

  test.each(Object.entries(recording.images))('the bytes of %s', (source, image) => {
    const text = readFileSync(new URL(`../../${source}`, import.meta.url), 'utf8');
    expect(compareImage(source, text, Buffer.from(image, 'base64'))).toEqual([]);
  });

  test('each reason to differ has a case', () => {
    const cases: [word: number, ours: string, theirs: string][] = [
      [0xf8200000, '.inst 0xf8200000', 'ldadd x0, x0, [x0]'],
      [0xd5118126, 'msr s2_1_c8_c1_1, x6', 'msr brbsrc1_el1, x6'],
      [0xd500409f, 'msr s0_0_c4_c0_4, xzr', 'msr pan, #0x0'],
      [0xd50b7c25, 'sys #3, C7, C12, #1, x5', 'dc cvap, x5'],
      [0xd5087105, 'sys #0, C7, C1, #0, x5', 'ic ialluis'],
      [0x69555a76, 'ldpsw x22, x22, [x19, #168]', '.inst 0x69555a76'],
      [0x08d9a54d, 'ldarb w13, [x10]', '.inst 0x08d9a54d'],
    ];
    expect(cases.map(([word]) => disassemble(word, 0n))).toEqual(cases.map(([, ours]) => ours));
    expect(cases.map((given) => difference(...given))).toEqual(differences.map(({ reason }) => reason));
    expect(difference(0x8b020020, 'add x0, x1, x2', 'add x0, x1, x3')).toBeUndefined();
  });
});

describe('assembling what was disassembled gives the word', () => {
  test('of every row', () => {
    expect(compareWords(recording.words)).toEqual([]);
    expect(compareWords(sampleWords(2, 1))).toEqual([]);
  });

  test('of any word', () => {
    // Bits that the processor ignores are not in the text: they are as the assembler makes them.
    const regular = (word: number): number => {
      const pattern = decoder.decode(word)?.instruction.pattern;
      if (!pattern) return word;
      const counting = pattern.fields.reduce((bits, { low, width }) => bits | ((2 ** width - 1) << low), pattern.mask);
      return ((word & counting) | pattern.filler) >>> 0;
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 20, maxLength: 20 }), (words) => {
        expect(compareWords(words.map(regular))).toEqual([]);
      }),
    );
  });

  test('wherever it lies', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
        fc.integer({ min: 0, max: 0x3ffffff }),
        (page, offset) => {
          const pc = page * 4n;
          const target = BigInt.asUintN(64, pc + BigInt((offset << 6) >> 6) * 4n);
          expect(disassemble((0x14000000 | offset) >>> 0, pc)).toBe(`b 0x${target.toString(16)}`);
        },
      ),
    );
  });
});

test('words are the same for the same seed', () => {
  expect(sampleWords(5, 1)).toEqual(sampleWords(5, 1));
  expect(sampleWords(5, 1)).not.toEqual(sampleWords(6, 1));
});
