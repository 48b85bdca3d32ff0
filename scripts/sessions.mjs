// Random sessions are saved at a random moment, and another process goes on from there; both must end in the same state:
// `npm run sessions -- --count 200 --seed 7 --systems board,model`. Linux and the real Xen begin at snapshots that
// --snapshots DIR has: linux.snap and real.snap, which `el2lab boot|xen --save` writes.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, options } from './bundle.mjs';
import { root, runScript, Stop } from './install.mjs';

await runScript(async () => {
  const given = options(['count', 'seed', 'systems', 'snapshots', 'first', 'rest', 'module']);
  const seed = given.number('seed', 1);
  const first = given.number('first', 0);
  const built = given.text('module') ?? (await bundle('rigs/sessions/sessions.ts'));
  /** @type {typeof import('../rigs/sessions/sessions.ts')} */
  const { planOf, runRest, runWhole, systems } = await import(built);
  const named = (given.text('systems') ?? 'board,model').split(',');
  const only = systems.filter((system) => named.includes(system));
  const rest = given.text('rest');
  if (rest !== undefined) {
    const end = await runRest(planOf(seed, first, only), readFileSync(rest));
    console.log(end.ok ? end.value : end.error);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'el2lab-sessions-'));
  const count = given.number('count', 200);
  const places = { root, snapshots: given.text('snapshots') ?? root };
  /** @type {Record<string, number>} */
  const same = {};
  let over = 0;
  try {
    for (let index = first; index < first + count; index++) {
      const plan = planOf(seed, index, only);
      const { hash, file } = await runWhole(plan, places);
      if (file.length === 0) {
        over++;
        continue;
      }
      const path = join(folder, 'middle.snap');
      writeFileSync(path, file);
      const args = [
        '--rest',
        path,
        '--seed',
        `${seed}`,
        '--first',
        `${index}`,
        '--systems',
        only.join(','),
        '--module',
        built,
      ];
      const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], {
        encoding: 'utf8',
      });
      if (stdout.trim() !== hash)
        throw new Stop(`Session ${index} of seed ${seed} (${plan.system}): ${hash}, but ${stdout}${stderr}`);
      same[plan.system] = (same[plan.system] ?? 0) + 1;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${JSON.stringify(same)} went on as if they had not been saved; ${over} had ended by themselves.`);
});
