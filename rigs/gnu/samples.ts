/** Words to show the disassembler and the assembler: from every row of the table with each choice of its operation. */

import { assemble } from '../../src/a64/assembler/assemble.ts';
import { disassemble } from '../../src/a64/disassemble.ts';
import { table } from '../../src/a64/table/index.ts';
import { WordSource } from '../differential/words.ts';
import { Random } from '../random.ts';
import { difference } from './differences.ts';

/** Address of the first word; the others follow. */
export const origin = 0x80000;

/** Rows with few operations have aliases, which occur only with certain operands. */
const most = 24;

/**
 * Random words, the same for a seed. Of each row come all operations, or `most` of them; of each operation come `count`
 * words, of rows with few operations more.
 */
export function sampleWords(seed: number, count: number): number[] {
  const random = new Random(seed);
  const source = new WordSource(table, '', () => true);
  return source.rows.flatMap((operations) => {
    const chosen = operations.length <= most ? operations : Array.from({ length: most }, () => random.pick(operations));
    const each = count * Math.max(1, Math.floor(most / operations.length / 2));
    return chosen.flatMap((operation) =>
      Array.from({ length: each }, () => source.of(operation, random)).filter((word) => word !== undefined),
    );
  });
}

/** All words that name system registers, operations, hints and barriers. */
export function systemWords(): number[] {
  const all = (count: number, word: (n: number) => number): number[] =>
    Array.from({ length: count }, (_, n) => word(n) >>> 0);
  return [
    ...all(1 << 15, (n) => 0xd5100003 | (n << 5)),
    ...all(1 << 15, (n) => 0xd5300004 | (n << 5)),
    ...all(1 << 14, (n) => 0xd5080005 | (n << 5)),
    ...all(1 << 14, (n) => 0xd508001f | (n << 5)),
    ...all(1 << 14, (n) => 0xd5280005 | (n << 5)),
    ...all(1 << 12, (n) => 0xd503001f | (n << 5)),
    ...all(1 << 10, (n) => 0xd500401f | ((n & 7) << 16) | (((n >> 3) & 15) << 8) | ((n >> 7) << 5)),
  ];
}

/** GNU objdump's text of a word in the disassembler's form: without comments, with a blank for each tab. */
export const withoutComment = (text: string): string =>
  text
    .replace(/\s*(?:\/\/|;).*$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Compares with GNU objdump's texts; each difference that has no reason is a line. */
export function compareTexts(words: readonly number[], texts: readonly string[]): string[] {
  return words.flatMap((word, i) => {
    const ours = disassemble(word, BigInt(origin + 4 * i));
    const theirs = withoutComment(texts[i] ?? '');
    if (ours === theirs || difference(word, ours, theirs)) return [];
    return [`${word.toString(16).padStart(8, '0')}: ours '${ours}', objdump's '${theirs}'`];
  });
}

/** Assembles what the disassembler prints, and compares the words. */
export function compareWords(words: readonly number[]): string[] {
  const lines = words.map((word, i) => disassemble(word, BigInt(origin + 4 * i)));
  const result = assemble(lines.join('\n'), { origin: BigInt(origin) });
  if (!result.ok) return result.error.map(({ line, message }) => `${lines[line - 1]}: ${message}`);
  const view = new DataView(result.value.bytes.buffer, result.value.bytes.byteOffset);
  return words.flatMap((word, i) => {
    const found = view.getUint32(4 * i, true);
    if (found === word || (sameImmediate(found, word) && disassemble(found, BigInt(origin + 4 * i)) === lines[i]))
      return [];
    return [
      `${lines[i]}: ${word.toString(16).padStart(8, '0')} is assembled to ${found.toString(16).padStart(8, '0')}`,
    ];
  });
}

/** In logical immediates of short elements the upper bits of immr are ignored; the assembler makes them zero. */
const sameImmediate = (a: number, b: number): boolean =>
  (a & 0x1f800000) === 0x12000000 && ((a ^ b) & ~(0x3f << 16)) === 0;

/** Assembles a source, and compares with the image that as and ld make of it. */
export function compareImage(name: string, source: string, image: Uint8Array): string[] {
  const result = assemble(source, { origin: BigInt(origin) });
  if (!result.ok) return result.error.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
  const { bytes } = result.value;
  const different = bytes.findIndex((byte, i) => byte !== image[i]);
  if (different < 0 && bytes.length === image.length) return [];
  return [`${name}: ${bytes.length} bytes, GNU's are ${image.length}; they differ from byte ${different} on.`];
}
