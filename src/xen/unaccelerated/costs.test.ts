import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runGuest } from '../../soc/board/guest-testing.ts';
import { softwareCosts } from './costs.ts';

test('the costs are what the routines of guests/routines take on the board', () => {
  const path = fileURLToPath(new URL('../../../guests/build/routines.img', import.meta.url));
  const { lines } = runGuest(readFileSync(path), 1);
  expect(lines).toEqual(Object.entries(softwareCosts).map(([name, cycles]) => `${name} ${cycles}`));
});
