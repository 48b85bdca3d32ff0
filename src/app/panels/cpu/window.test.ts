import fc from 'fast-check';
import { expect, test } from 'vitest';
import { edgesOf, longest, pan, shortest, usual, zoom } from './window.ts';

const now = 60e9;

test('a window follows the machine until it is moved to the past, and again when it is moved to the end', () => {
  const past = pan(usual, -0.5, now);
  expect(past).toEqual({ seconds: 10, held: 55e9 });
  expect(edgesOf(past, now)).toEqual({ from: 45e9, to: 55e9 });
  expect(pan(past, 0.5, now)).toEqual(usual);
  expect(pan(past, -100, now)).toEqual({ seconds: 10, held: 10e9 });
});

test('in the first seconds of a machine there is nothing to go back to', () => {
  expect(edgesOf(usual, 3e9)).toEqual({ from: 0, to: 10e9 });
  expect(pan(usual, -1, 3e9)).toEqual(usual);
});

test('zooming keeps the time under the pointer where it is', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 20, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      (end, at, factor) => {
        const before = { seconds: 10, held: end * 1e9 };
        const after = zoom(before, factor, at, now);
        const timeAt = (shown: typeof before | typeof after): number => {
          const { from, to } = edgesOf(shown, now);
          return from + at * (to - from);
        };
        expect(Math.abs(timeAt(after) - timeAt(before))).toBeLessThan(1);
      },
    ),
  );
});

test('a window is never shorter or longer than there are samples for, nor ends after the machine’s time', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.boolean(), fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      ),
      fc.integer({ min: 0, max: 2000e9 }),
      (steps, time) => {
        let shown = usual;
        for (const [zooms, by, at] of steps) shown = zooms ? zoom(shown, 2 ** by, at, time) : pan(shown, by, time);
        expect(shown.seconds).toBeGreaterThanOrEqual(shortest);
        expect(shown.seconds).toBeLessThanOrEqual(longest);
        expect(shown.held ?? 0).toBeLessThanOrEqual(time);
        expect(shown.held ?? 0).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
