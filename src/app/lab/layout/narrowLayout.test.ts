import { expect, test } from 'vitest';
import { shapeOf } from './narrowLayout.ts';

test.each([
  ['1440x900', { width: 1440, height: 844 }, 'wide'],
  ['1280x720', { width: 1280, height: 664 }, 'wide'],
  ['800x600', { width: 800, height: 520 }, 'column'],
  ['1440x900 at 200 %', { width: 720, height: 370 }, 'tabs'],
  ['a phone', { width: 320, height: 480 }, 'column'],
  ['a low, wide window', { width: 1440, height: 300 }, 'tabs'],
] as const)('%s', (_, size, shape) => {
  expect(shapeOf(size)).toBe(shape);
});
