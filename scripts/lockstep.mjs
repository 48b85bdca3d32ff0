// Random programs on the interpreter and on the translator, which must not part: `npm run lockstep -- --count 5000 --seed 7`.

import { bundle, options } from './bundle.mjs';
import { runScript } from './install.mjs';

await runScript(async () => {
  const given = options(['count', 'seed', 'first']);
  const first = given.number('first', 0);
  const count = given.number('count', 5000);
  const seed = given.number('seed', 1);
  /** @type {typeof import('../src/cpu/lockstep/check.ts')} */
  const { Check } = await import(await bundle('src/cpu/lockstep/check.ts'));
  const check = new Check(seed);
  const start = Date.now();
  let different = 0;
  for (let index = first; index < first + count; index++) {
    const counterexample = check.run(index);
    if (!counterexample) continue;
    different++;
    console.log(counterexample);
  }
  const { regions, instructions, evictions } = check.stats;
  console.log(
    `${count} programs, seed ${seed}: ${different} differ; ${regions} regions of ${instructions} instructions ` +
      `translated, ${evictions} evictions (${((Date.now() - start) / 1000).toFixed(0)} s).`,
  );
  process.exitCode = different > 0 ? 1 : 0;
});
