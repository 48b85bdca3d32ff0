import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from './assemble.ts';

const build = (source: string, origin = 0n) => {
  const result = assemble(source, { origin });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const bytes = (source: string, origin = 0n): number[] => [...build(source, origin).bytes];
const words = (source: string, origin = 0n): string[] => {
  const data = build(source, origin).bytes;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Array.from({ length: data.length / 4 }, (_, i) =>
    view
      .getUint32(4 * i, true)
      .toString(16)
      .padStart(8, '0'),
  );
};
const errors = (source: string): string[] => {
  const result = assemble(source);
  return result.ok ? [] : result.error.map(({ line, column, message }) => `${line}:${column}: ${message}`);
};

// rigs/gnu compares most of the assembler with GNU as. These tests cover the rest.

describe('images', () => {
  test('an empty source is an empty image', () => {
    expect(bytes('')).toEqual([]);
    expect(bytes('  // nothing\n/* at all */\n# here\n')).toEqual([]);
  });

  test('addresses count from the origin', () => {
    const source = 'start: .quad start, end\nadrp x0, end\nend:';
    expect(words(source, 0x4000_0000n).slice(0, 4)).toEqual(['40000000', '00000000', '40000014', '00000000']);
    expect(build(source, 0xffff_0000_0000_0000n).symbols.get('end')).toBe(0xffff_0000_0000_0014n);
  });

  test('symbols are labels and what .equ sets, not those that begin with .L', () => {
    const { symbols } = build('.equ size, -1\n.Lhidden: a: 1: nop\nldr x0, =0x1234567890', 16n);
    expect([...symbols].filter(([name]) => !name.startsWith('__'))).toEqual([
      ['size', 0xffff_ffff_ffff_ffffn],
      ['a', 16n],
    ]);
  });

  test('sections are gathered: code, constants, data; zeros are not in the image', () => {
    const source =
      '.data\n.byte 4\n.section .rodata.x\n.byte 3\n.bss\n.skip 9\n.text\n.byte 1\n.section .text.last\n.byte 2';
    expect(bytes(source)).toEqual([1, 2, 3, 4]);
    const { symbols } = build(source);
    expect(symbols.get('__bss_start')).toBe(16n);
    expect(symbols.get('__bss_end')).toBe(32n);
    expect(symbols.get('__image_size')).toBe(32n);
  });

  test('what lies where does not change between passes', () => {
    // The size of .text is known only after .data's addresses were used.
    expect(bytes('.data\nx: .quad end\n.text\n.quad x\nend: nop')).toEqual(
      [...[16, 0, 0, 0, 0, 0, 0, 0, 0x1f, 0x20, 3, 0xd5], ...[8, 0, 0, 0, 0, 0, 0, 0]].map((byte, i) =>
        i === 0 ? 12 : byte,
      ),
    );
  });
});

describe('mistakes are reported with their place', () => {
  test.each([
    ['mov x0', "1:7: Expected ','."],
    ['  add x0, x1, #5000', '1:15: This number must be 0 to 4095, not 5000.'],
    ['frob x0', "1:1: There is no instruction or macro 'frob'."],
    ['.frob 1', "1:1: There is no directive '.frob'."],
    ['b nowhere', "1:3: The symbol 'nowhere' is not defined."],
    ['b 1f', "1:3: There is no local label '1:' after this line."],
    ['nop\nb 1b', "2:3: There is no local label '1:' before this line."],
    ['x: nop\nx: nop', "2:1: 'x' is defined already, in line 1."],
    ['x: nop\n.equ x, 1', "2:6: 'x' is defined already, in line 1."],
    ['sp: nop', "1:1: 'sp' cannot be a label."],
    ['.byte 256', '1:7: 256 does not fit into 8 bits.'],
    ['.byte 1, , 2', "1:10: Expected a number or symbol, not ','."],
    ['.byte 1 2', "1:9: Expected the end of the line, not '2'."],
    ['.byte 1/0', '1:8: This divides by zero.'],
    ['.byte 089', "1:7: '089' begins with 0, so it is octal, which has no digit 8 or 9."],
    ['.ascii "abc', '1:8: This string has no closing quote.'],
    ['nop /* never', "1:5: This comment has no closing '*/'."],
    ['nop ?', "1:5: '?' has no meaning here."],
    ['.skip later\nlater:', "1:7: The symbol 'later' must be defined before this line."],
    ['.skip -1', '1:7: The number of bytes must be 0 to 67108864, not -1.'],
    ['.if 1\nnop', "1:1: This condition has no '.endif'."],
    ['.endif', "1:1: This '.endif' belongs to no '.if'."],
    ['.macro m\nnop', "1:1: '.macro' has no end."],
    ['.endm', "1:1: This '.endm' belongs to no '.macro'."],
    ['.org 8\n.org 4', '2:6: This would go back by 4 bytes; the section is 8 bytes long here.'],
    ['.balign 3', '1:9: The alignment must be a power of two, not 3.'],
    ['.include "x"', '1:1: There is no other file to include; put its text here.'],
    ['.error "Too old"', '1:1: Too old'],
    ['#define X 1', "1:1: There is no C preprocessor, so '#define' does nothing; use .equ, .macro and .if."],
    ['b . + 2', '1:3: 0x2 is not a multiple of 4 bytes away.'],
    ['tbz x0, #1, . + 0x8000', '1:13: 0x8000 is 32768 bytes away; at most 32768 can be reached.'],
    ['mov x0, #0x123456', '1:9: No single instruction moves this number; use ldr with =, or movz and movk.'],
    ['and x0, x1, #0', '1:13: 0x0 is not a rotated run of ones, as a logical immediate must be.'],
    ['and w0, w1, #0x100000001', '1:13: This number does not fit into 32 bits.'],
    ['ldr x0, [x1, #32769]', '1:14: This offset must be 0 to 32760, not 32769.'],
    ['ldp x0, x1, [x2, #9]', '1:18: This offset must be a multiple of 8.'],
    ['ldr w0, =0x100000000', '1:10: 4294967296 does not fit into 32 bits.'],
    ['fmov d0, #0.3', '1:10: 0.3 is not a number of eight bits: ±16 to 31 sixteenths, times 2^-3 to 2^4.'],
    ['mrs x0, nothing_el1', "1:9: Expected a system register, not 'nothing_el1'."],
    ['ld2 {v0.4s, v2.4s}, [x0]', '1:13: The registers of a list must follow one another.'],
    ['ld2 {v0.4s}, [x0]', '1:6: The list must have 2 registers, not 1.'],
    ['mov v0.s[4], w0', '1:10: The index must be 0 to 3, not 4.'],
    ['mul v0.8h, v1.8h, v16.h[0]', '1:19: The register must be V0 to V15 here.'],
    ['add x0, w1, x2', "1:9: Expected an X register or SP, not 'w1'."],
    ['add w0, w1, #1, lsl #13', "1:21: Expected #0 or #12, not '#'."],
    ['add x0, x1, x2, ror #3', "1:17: Expected 'lsl', 'lsr', 'asr', 'uxtx' or 'sxtx', not 'ror'."],
    ['extr w0, w1, w2, #40', "1:19: No encoding of 'extr' takes these operands together."],
    ['ldr x0, x1', "1:9: Expected '[' or a number or symbol, not 'x1'."],
  ])('%s', (source, message) => {
    expect(errors(source)).toEqual([message]);
  });

  test('all of them, in order', () => {
    expect(errors('b a\n.byte 999\nnop\n  b c ; b d')).toEqual([
      "1:3: The symbol 'a' is not defined.",
      '2:7: 999 does not fit into 8 bits.',
      "4:5: The symbol 'c' is not defined.",
      "4:11: The symbol 'd' is not defined.",
    ]);
  });

  test('after a comment, a second statement and a tabulator the column is the source’s', () => {
    expect(errors('/* x */ nop; \tb a')).toEqual(["1:17: The symbol 'a' is not defined."]);
    expect(errors('/* x\n y */ b a')).toEqual(["2:9: The symbol 'a' is not defined."]);
    expect(errors('\r\n b a\r\n')).toEqual(["2:4: The symbol 'a' is not defined."]);
  });

  test('in a macro: where it was called', () => {
    const source = '.macro both a, b:req\nmov x0, \\a\nmov x1, \\b\n.endm\n  both #1, #70000001\nboth 1';
    expect(errors(source)).toEqual([
      "5:3: No single instruction moves this number; use ldr with =, or movz and movk. (Macro 'both': mov x1, #70000001)",
      "6:1: The macro 'both' needs a value for 'b'.",
    ]);
    expect(errors('.macro m\n.endm\nm 1')).toEqual(["3:1: The macro 'm' takes 0 arguments, not 1."]);
  });

  test('a source that never ends', () => {
    expect(errors('.macro m\nm\n.endm\nm')).toEqual([
      "4:1: The macros and repetitions of this source do not end. (Macro 'm': m)",
    ]);
    expect(errors('.rept 1000\n.rept 1000\n.rept 10\n.equ a, 1\n.endr\n.endr\n.endr')).toHaveLength(1);
  });

  test('an image that is too large', () => {
    expect(errors('.skip 0x3ffffff\n.word 1, 2')).toEqual(['2:1: The image becomes larger than 64 MiB here.']);
  });
});

describe('expressions', () => {
  type Node = { readonly text: string; readonly value: bigint };
  const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
  const binary: Record<string, (a: bigint, b: bigint) => bigint> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '&': (a, b) => a & b,
    '|': (a, b) => a | b,
    '^': (a, b) => a ^ b,
    '==': (a, b) => (a === b ? -1n : 0n),
    '<': (a, b) => (a < b ? -1n : 0n),
  };
  const { node } = fc.letrec<{ node: Node; number: Node; unary: Node; pair: Node }>((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, tie('number'), tie('unary'), tie('pair')),
    number: fc
      .tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constantFrom(10, 16))
      .map(([value, base]) => ({ text: base === 16 ? `0x${value.toString(16)}` : String(value), value: wrap(value) })),
    unary: fc
      .tuple(fc.constantFrom('-', '~'), tie('node'))
      .map(([sign, { text, value }]) => ({ text: `${sign}(${text})`, value: wrap(sign === '-' ? -value : ~value) })),
    pair: fc.tuple(tie('node'), fc.constantFrom(...Object.keys(binary)), tie('node')).map(([a, operator, b]) => ({
      text: `(${a.text} ${operator} ${b.text})`,
      value: wrap((binary[operator] as (a: bigint, b: bigint) => bigint)(a.value, b.value)),
    })),
  }));

  test('have the value that 64-bit arithmetic gives', () => {
    fc.assert(
      fc.property(node, ({ text, value }) => {
        const view = new DataView(build(`.quad ${text}`).bytes.buffer);
        expect(view.getBigInt64(0, true)).toBe(value);
      }),
    );
  });

  test('labels differ by what lies between them, wherever the image is', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.bigInt({ min: 0n, max: (1n << 48n) - 1n }), (size, page) => {
        const source = `a: .skip ${size}\nb: .word b - a, (b - a) * 2`;
        const data = build(source, page & ~15n).bytes;
        const view = new DataView(data.buffer, data.byteOffset);
        expect([view.getUint32(size, true), view.getUint32(size + 4, true)]).toEqual([size, 2 * size]);
      }),
    );
  });
});

test('any number comes into a register: by mov if one instruction can, else from the pool', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }), (value) => {
      const data = build(`ldr x7, =${value}`).bytes;
      const view = new DataView(data.buffer, data.byteOffset);
      expect(view.getUint32(0, true)).toBe(0x58000047);
      expect(view.getBigUint64(8, true)).toBe(BigInt.asUintN(64, value));
    }),
  );
});

test('no text breaks the assembler, and mistakes lie within it', () => {
  const piece = fc.constantFrom(
    ...[
      'mov',
      'x0',
      'w1',
      ',',
      '#',
      '[',
      ']',
      '!',
      '{',
      '}',
      'v0.4s',
      '-',
      '(',
      ')',
      ':',
      '=',
      '\n',
      ';',
      ' ',
      '"',
      "'",
    ],
    ...[
      '.macro',
      'm',
      '.endm',
      '\\a',
      '\\@',
      '.rept',
      '2',
      '.endr',
      '.if',
      '0',
      '.else',
      '.endif',
      '.irp',
      'ldr',
      'b',
      '1f',
    ],
    ...[
      '1:',
      '.align',
      '.skip',
      '.org',
      '/*',
      '*/',
      '//',
      'a',
      '.equ',
      '.byte',
      'lsl',
      '0x',
      '08',
      '\t',
      '.section',
      'sp',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.constantFrom('', ' '), (pieces, between) => {
      const source = pieces.join(between);
      const lines = source.split('\n');
      const result = assemble(source);
      if (result.ok) return;
      for (const { line, column, message } of result.error) {
        expect(message).toMatch(/\.\)?$|\)$/);
        expect(column).toBeGreaterThan(0);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
      }
    }),
    { numRuns: 1000 },
  );
});
