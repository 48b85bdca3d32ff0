import { expect, test } from 'vitest';
import { restoreState, savedState } from './state.ts';

const make = () => ({
  count: 1,
  due: null as number | null,
  phase: 'idle',
  part: { on: false, words: Uint32Array.of(7, 0xffff_ffff) },
  pairs: [{ a: 1 }, { a: 2 }],
  queue: [] as unknown[],
  registers: new Map([[4, 3]]),
});
const load = (saved: unknown) => {
  const state = make();
  restoreState(state, saved, savedState(make()), 'timer');
  return state;
};
const changed = (fields: object) => ({ ...(savedState(make()) as object), ...fields });

test('what is saved is plain, in the order of the fields', () => {
  expect(JSON.stringify(savedState(make()))).toBe(
    '{"count":1,"due":null,"phase":"idle","part":{"on":false,"words":[7,4294967295]},"pairs":[{"a":1},{"a":2}],"queue":[],"registers":{"4":3}}',
  );
});

test('loading changes parts in place, and what it has loaded is its own', () => {
  const state = make();
  const { part, pairs, registers } = state;
  const saved = changed({ due: 9, part: { on: true, words: [1, 2] }, queue: [{ x: [1] }], registers: { 8: 5, 0: 1 } });
  restoreState(state, saved, savedState(make()), 'timer');
  expect(savedState(state)).toEqual(saved);
  expect([state.part, state.pairs, state.registers]).toEqual([part, pairs, registers]);
  expect(state.part.words).toBe(part.words);
  state.queue.push(1);
  expect((saved as { queue?: unknown[] }).queue).toEqual([{ x: [1] }]);
  // Null again where it was null at first.
  restoreState(state, changed({}), savedState(make()), 'timer');
  expect(state.due).toBe(null);
});

test.each([
  ['no object', null, 'no fields for timer'],
  ['a field that is missing', { count: 1 }, 'lacks timer.due'],
  ['a field too many', changed({ more: 1 }), 'the state of timer has no more'],
  ['another type', changed({ count: '1' }), 'has string for timer.count'],
  ['a string for a time', changed({ due: 'soon' }), 'has string for timer.due'],
  ['elements too few', changed({ part: { on: false, words: [1] } }), 'has 1 of timer.part.words'],
  [
    'elements of another type',
    changed({ part: { on: false, words: [1, null] } }),
    'has object for timer.part.words[1]',
  ],
  ['elements of another shape', changed({ pairs: [{ a: 1 }, { b: 2 }] }), 'the state of timer.pairs[1] has no b'],
  ['no array', changed({ queue: 5 }), 'no array for timer.queue'],
  ['no number in a map', changed({ registers: { 4: true } }), 'has boolean for timer.registers.4'],
])('%s is refused with its place', (_, saved, message) => {
  expect(() => load(saved)).toThrow(message);
});
