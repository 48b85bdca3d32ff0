// Random programs, translated and interpreted, which must do the same: `npm run translation -- --count 10000 --seed 7`.

import { bundle, options } from './bundle.mjs';
import { runScript } from './install.mjs';

/** Instructions of each program. */
const length = 2000;

await runScript(async () => {
  const given = options(['count', 'seed', 'first']);
  const count = given.number('count', 2000);
  const first = given.number('first', 0);
  const seed = given.number('seed', 1);
  /** @type {typeof import('../src/cpu/differential/translation.ts')} */
  const { TranslationTrial } = await import(await bundle('src/cpu/differential/translation.ts'));
  const trial = new TranslationTrial(seed);
  const start = Date.now();
  let differences = 0;
  for (let program = first; program < first + count; program++) {
    const difference = trial.run(program, length);
    if (!difference) continue;
    differences++;
    if (differences <= 5) console.log(`${difference}\n`);
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  console.log(
    `${count} programs, seed ${seed}, ${trial.translated} instructions translated: ${differences} differences (${seconds} s).`,
  );
  process.exitCode = differences > 0 ? 1 : 0;
});
