import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Hashable, Hasher } from './hasher.ts';

const digest = (...values: readonly Hashable[]): string => new Hasher().add(...values).digest();

const value = fc.letrec<{ value: Hashable }>((tie) => ({
  value: fc.oneof(
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.bigInt(),
    fc.string(),
    fc.uint8Array({ maxLength: 9 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
  ),
})).value;

test('equal values have equal fingerprints, others do not', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(digest(a)).toBe(digest(structuredClone(a)));
      if (JSON.stringify(form(a)) !== JSON.stringify(form(b))) expect(digest(a)).not.toBe(digest(b));
    }),
  );
});

/** A value in a form whose JSON keeps the types apart; 0 and -0 are the same. */
function form(a: Hashable): unknown {
  if (typeof a === 'bigint') return `bigint ${a}`;
  if (typeof a === 'string') return `text ${a}`;
  if (a instanceof Uint8Array) return ['bytes', ...a];
  if (Array.isArray(a)) return ['list', ...a.map(form)];
  if (typeof a === 'object' && a !== null) return Object.entries(a).map(([key, item]) => [key, form(item)]);
  return typeof a === 'number' ? `number ${a}` : a;
}

test('neighbours do not run into each other, and types differ', () => {
  const values: Hashable[][] = [
    ['ab', 'c'],
    ['a', 'bc'],
    [['ab', 'c']],
    ['abc'],
    [1],
    ['1'],
    [1n],
    [1.5],
    [true],
    [null],
    [0],
    [2 ** 32],
    [[]],
    [{}],
    [new Uint8Array(4)],
    [new Uint8Array(5)],
    [],
  ];
  expect(new Set(values.map((each) => digest(...each))).size).toBe(values.length);
});

test('the order counts, and every bit of a word', () => {
  expect(digest(1, 2)).not.toBe(digest(2, 1));
  const bits = Array.from({ length: 32 }, (_, i) => digest(0, 1 << i, 0));
  expect(new Set(bits).size).toBe(32);
});

test('a digest does not end it, and bytes of a part of a buffer are those of the part', () => {
  const hasher = new Hasher().add('a');
  expect(hasher.digest()).toBe(hasher.digest());
  expect(hasher.add('b').digest()).toBe(digest('a', 'b'));
  expect(digest(Uint8Array.of(9, 1, 2, 3, 4, 5).subarray(1))).toBe(digest(Uint8Array.of(1, 2, 3, 4, 5)));
});
