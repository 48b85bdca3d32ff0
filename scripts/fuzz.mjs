// Random words as programs on the simulated core, which must not break: `npm run fuzz -- --count 1000000 --seed 7`.

import { bundle, options } from './bundle.mjs';
import { runScript } from './install.mjs';

await runScript(async () => {
  const given = options(['count', 'seed']);
  const count = given.number('count', 1_000_000);
  const seed = given.number('seed', 1);
  /** @type {typeof import('../src/cpu/differential/fuzz.ts')} */
  const { Fuzz } = await import(await bundle('src/cpu/differential/fuzz.ts'));
  const start = Date.now();
  new Fuzz(seed).run(count);
  console.log(`${count} random words, seed ${seed}: nothing broke (${((Date.now() - start) / 1000).toFixed(0)} s).`);
});
