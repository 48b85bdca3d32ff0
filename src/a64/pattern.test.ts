import { describe, expect, test } from 'vitest';
import { decoder } from './decoder.ts';
import { parsePattern } from './pattern.ts';
import { table } from './table/index.ts';

describe('patterns', () => {
  test('give mask, value and fields from bit 31 down', () => {
    const pattern = parsePattern('sf 0 0 01011 shift:2 0 Rm imm6:6 Rn Rd');
    expect(pattern.mask).toBe(0x7f200000);
    expect(pattern.value).toBe(0x0b000000);
    // add w1, w2, w3, lsl #4
    const { sf, shift, Rm, imm6, Rn, Rd } = pattern.fieldsOf(0x0b031041);
    expect({ sf, shift, Rm, imm6, Rn, Rd }).toEqual({ sf: 0, shift: 0, Rm: 3, imm6: 4, Rn: 2, Rd: 1 });
    expect(pattern.choicesOf(0x0b031041)).toEqual({ sf: 0, shift: 0 });
  });

  test('must be 32 bits wide', () => {
    expect(() => parsePattern('sf 0 Rd')).toThrow('7 bits wide');
  });
});

describe('the table', () => {
  test('no two rows stand for the same words in the same place', () => {
    const places = new Map<string, string>();
    for (const { name, pattern, where } of table) {
      if (where) continue;
      const key = `${pattern.mask}/${pattern.value}`;
      expect(places.get(key), name).toBeUndefined();
      places.set(key, name);
    }
  });

  test('a word goes to the row with the most fixed bits', () => {
    const names = [0xd503203f, 0xd503205f, 0xd503207f, 0x00000000].map(
      (word) => decoder.decode(word)?.instruction.name,
    );
    expect(names).toEqual(['HINT', 'WFE', 'WFI', undefined]);
  });
});
