import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePattern } from '../options/patterns.ts';
import { TextWatch } from './text-watch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('TextWatch', () => {
  test('finds a text however it is split into writes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        (noise, cuts) => {
          const stream = bytes(`${noise}ログイン: `);
          const watch = new TextWatch();
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const length = cuts[turn % cuts.length] ?? 1;
            watch.push(stream.subarray(at, at + length));
            at += length;
          }
          expect(watch.take(parsePattern('ログイン: $'))).toBe(true);
        },
      ),
    );
  });

  test('a text that has matched does not match again', () => {
    const watch = new TextWatch();
    watch.push(bytes('# ls\n# '));
    const prompt = parsePattern('# ');
    expect([watch.take(prompt), watch.take(prompt), watch.take(prompt)]).toEqual([true, true, false]);
    watch.push(bytes('x\n# '));
    expect(watch.take(prompt)).toBe(true);
  });

  test('^ is the start of a line, not of the unmatched rest', () => {
    const watch = new TextWatch();
    watch.push(bytes('one two\nthree'));
    expect(watch.take(parsePattern('one '))).toBe(true);
    expect(watch.take(parsePattern('^two'))).toBe(false);
    expect(watch.take(parsePattern('^three'))).toBe(true);
  });

  test('a long output keeps its end', () => {
    const watch = new TextWatch();
    watch.push(bytes('first '));
    expect(watch.take(parsePattern('first'))).toBe(true);
    watch.push(new Uint8Array(200_000).fill(0x2e));
    watch.push(bytes('last'));
    expect(watch.take(parsePattern('first'))).toBe(false);
    expect(watch.take(parsePattern('last'))).toBe(true);
  });
});
