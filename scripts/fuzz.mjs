// Random words as programs on the simulated core, which must not break: `npm run fuzz -- --count 1000000 --seed 7`. With --devices N,
// as many accesses with random values to all registers of all devices instead; with --configs N, as many random domain configs;
// with --hypercalls N, as many random hypercalls by a guest of Xen.

import { bundle, options } from './bundle.mjs';
import { runScript } from './install.mjs';

await runScript(async () => {
  const given = options(['count', 'seed', 'devices', 'configs', 'hypercalls']);
  const count = given.number('count', 1_000_000);
  const seed = given.number('seed', 1);
  const start = Date.now();
  const done = (/** @type {string} */ what) =>
    console.log(`${what}, seed ${seed}: nothing broke (${((Date.now() - start) / 1000).toFixed(0)} s).`);
  const accesses = given.number('devices', 0);
  if (accesses > 0) {
    /** @type {typeof import('../rigs/fuzz/devices.ts')} */
    const { DeviceFuzz } = await import(await bundle('rigs/fuzz/devices.ts'));
    const fuzz = new DeviceFuzz(seed);
    fuzz.run(accesses);
    done(`${accesses} accesses to ${fuzz.devices.length} devices`);
    return;
  }
  const configs = given.number('configs', 0);
  if (configs > 0) {
    /** @type {typeof import('../rigs/fuzz/configs.ts')} */
    const { ConfigFuzz } = await import(await bundle('rigs/fuzz/configs.ts'));
    const fuzz = new ConfigFuzz(seed);
    fuzz.run(configs);
    done(`${configs} configs, ${fuzz.accepted} of them accepted`);
    return;
  }
  const hypercalls = given.number('hypercalls', 0);
  if (hypercalls > 0) {
    /** @type {typeof import('../rigs/fuzz/hypercalls.ts')} */
    const { HypercallFuzz } = await import(await bundle('rigs/fuzz/hypercalls.ts'));
    new HypercallFuzz(seed).run(hypercalls);
    done(`${hypercalls} random hypercalls`);
    return;
  }
  /** @type {typeof import('../rigs/fuzz/words.ts')} */
  const { Fuzz } = await import(await bundle('rigs/fuzz/words.ts'));
  new Fuzz(seed).run(count);
  done(`${count} random words`);
});
