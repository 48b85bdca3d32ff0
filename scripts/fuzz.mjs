// Feeds random input to a part of the simulator, which must not break: `npm run fuzz -- --words 1000000 --seed 7`.
// Prints what the input has reached. --words, --devices, --configs, --hypercalls, --rings, --frames, --disks or --links
// chooses the fuzzer; --count means --words.

import { bundle, options } from './bundle.mjs';
import { runScript, Stop } from './install.mjs';

/**
 * @typedef {{ run(count: number): void | Promise<void>, readonly coverage: { report(): string } }} Fuzzer
 * @type {Readonly<Record<string, { what: string, make: (seed: number) => Promise<Fuzzer> }>>}
 */
const fuzzers = {
  words: {
    what: 'random words as programs',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/words.ts')} */
      const { WordFuzz } = await import(await bundle('rigs/fuzz/words.ts'));
      return new WordFuzz(seed);
    },
  },
  devices: {
    what: 'accesses with random values to all registers of all devices',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/devices.ts')} */
      const { DeviceFuzz } = await import(await bundle('rigs/fuzz/devices.ts'));
      return new DeviceFuzz(seed);
    },
  },
  configs: {
    what: 'random domain configs',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/configs.ts')} */
      const { ConfigFuzz } = await import(await bundle('rigs/fuzz/configs.ts'));
      return new ConfigFuzz(seed);
    },
  },
  hypercalls: {
    what: 'random hypercalls by a guest of Xen',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/hypercalls.ts')} */
      const { HypercallFuzz } = await import(await bundle('rigs/fuzz/hypercalls.ts'));
      return new HypercallFuzz(seed);
    },
  },
  disks: {
    what: 'requests in the ring of a virtual disk',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/disks.ts')} */
      const { DiskFuzz } = await import(await bundle('rigs/fuzz/disks.ts'));
      return new DiskFuzz(seed);
    },
  },
  rings: {
    what: 'random contents of the rings of network devices',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/rings.ts')} */
      const { RingFuzz } = await import(await bundle('rigs/fuzz/rings.ts'));
      return new RingFuzz(seed);
    },
  },
  links: {
    what: 'links to sessions',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/links.ts')} */
      const { LinkFuzz } = await import(await bundle('rigs/fuzz/links.ts'));
      return new LinkFuzz(seed);
    },
  },
  frames: {
    what: 'random frames to the built-in host of networks',
    make: async (seed) => {
      /** @type {typeof import('../rigs/fuzz/frames.ts')} */
      const { FrameFuzz } = await import(await bundle('rigs/fuzz/frames.ts'));
      return new FrameFuzz(seed);
    },
  },
};

await runScript(async () => {
  const given = options(['count', 'seed', ...Object.keys(fuzzers)]);
  const seed = given.number('seed', 1);
  const name = Object.keys(fuzzers).find((each) => given.text(each) !== undefined) ?? 'words';
  const fuzzer = fuzzers[name];
  if (!fuzzer) throw new Stop(`There is no fuzzer '${name}'.`);
  const count = given.number(name, given.number('count', 1_000_000));
  const start = Date.now();
  const fuzz = await fuzzer.make(seed);
  await fuzz.run(count);
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  console.log(`${count} ${fuzzer.what}, seed ${seed}: nothing broke (${seconds} s). Reached:`);
  console.log(fuzz.coverage.report());
});
