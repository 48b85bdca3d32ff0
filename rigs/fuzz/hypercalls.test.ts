import { expect, test } from 'vitest';
import { HypercallFuzz } from './hypercalls.ts';

test('random hypercalls change nothing that belongs to others, and break nothing', () => {
  expect(() => new HypercallFuzz(1).run(5000)).not.toThrow();
});
