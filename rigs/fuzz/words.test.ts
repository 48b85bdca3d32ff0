import { test } from 'vitest';
import { Fuzz } from './words.ts';

test('100,000 random words at EL0, EL1 and EL2 do not break the simulator', { timeout: 300_000 }, () => {
  new Fuzz(1).run(100_000);
});
