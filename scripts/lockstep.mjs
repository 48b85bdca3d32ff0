// Random programs on the interpreter and on the translator, which must agree: `npm run lockstep -- --count 5000
// --seed 7`. --first N begins with program N.

import { bundle, options } from './bundle.mjs';
import { runScript } from './install.mjs';

/** Counterexamples to print before stopping. */
const printed = 3;

await runScript(async () => {
  const given = options(['count', 'seed', 'first']);
  const count = given.number('count', 5000);
  const seed = given.number('seed', 1);
  const first = given.number('first', 0);
  /** @type {typeof import('../rigs/lockstep/check.ts')} */
  const { Check } = await import(await bundle('rigs/lockstep/check.ts'));
  const check = new Check(seed);
  const start = Date.now();
  let failed = 0;
  let index = first;
  for (; index < first + count && failed < printed; index++) {
    const counterexample = check.run(index);
    if (!counterexample) continue;
    failed++;
    console.log(`${counterexample}\n`);
  }
  const seconds = (Date.now() - start) / 1000;
  const { regions, instructions, evictions } = check.stats;
  console.log(
    `${index - first} programs, seed ${seed}: ${failed} differences; ${regions} regions of ${instructions} instructions, ` +
      `${evictions} evictions (${seconds.toFixed(0)} s, ${((index - first) / seconds).toFixed(0)} programs a second).`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
});
