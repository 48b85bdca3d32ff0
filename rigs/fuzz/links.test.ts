import { expect, test } from 'vitest';
import { LinkFuzz } from './links.ts';

test('random links are opened or refused in a sentence, and what is opened runs', async () => {
  const fuzz = new LinkFuzz(1);
  await fuzz.run(3000);
  const { coverage } = fuzz;
  expect(coverage.count('link', 'refused')).toBeGreaterThan(1500);
  expect(coverage.count('link', 'read')).toBeGreaterThan(200);
  expect(coverage.names('refusal').length).toBeGreaterThan(8);
});
