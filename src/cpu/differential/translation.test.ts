import { expect, test } from 'vitest';
import { TranslationTrial } from './translation.ts';

test('translated code does what the interpreter does in random programs', { timeout: 120_000 }, () => {
  const trial = new TranslationTrial(1);
  const differences: string[] = [];
  for (let program = 0; program < 100 && differences.length < 3; program++) {
    const difference = trial.run(program, 1500);
    if (difference) differences.push(difference);
  }
  expect(differences).toEqual([]);
  expect(trial.translated).toBeGreaterThan(5000);
});
