import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { planOf, runRest, runWhole } from './sessions.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('six random sessions go on from the file of a random moment as if they had not been saved', {
  timeout: 240_000,
}, async () => {
  let compared = 0;
  for (let index = 0; index < 6; index++) {
    const plan = planOf(3, index, ['board', 'board', 'model'], 100);
    const { hash, file } = await runWhole(plan, { root, snapshots: root });
    if (file.length === 0) continue;
    expect(await runRest(plan, file)).toEqual({ ok: true, value: hash });
    compared++;
  }
  expect(compared).toBeGreaterThan(3);
});
