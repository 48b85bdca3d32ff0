// Random instructions on the simulated core against qemu-aarch64: `npm run differential -- --count 5000000 --seed 7`.
// --only NAME selects the instructions whose name in the table contains NAME. --record FILE stores the results
// instead of comparing them (rigs/differential/vectors.ts); `npm test` replays them.

import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { bundle, options } from './bundle.mjs';
import { runScript, Stop } from './install.mjs';
import { oracleVersion, startRecorder } from './recorder.mjs';

/** Tests given to the recorder at a time: a multiple of its batch. */
const chunk = 8192;
/** Differences printed for each instruction. */
const printed = 3;

await runScript(async () => {
  const given = options(['count', 'seed', 'only', 'record']);
  const count = given.number('count', 100_000);
  const seed = given.number('seed', 1);
  const only = given.text('only') ?? '';
  const file = given.text('record');
  /** @type {typeof import('../rigs/differential/differential.ts')} */
  const { Differential, VectorWriter, record } = await import(await bundle('rigs/differential/differential.ts'));
  const differential = new Differential(seed, { only, sweep: true });
  if (differential.operations === 0) throw new Stop(`No instruction's name holds '${only}'.`);
  const writer = new VectorWriter(seed);
  const recorder = startRecorder();
  const start = Date.now();

  /** @type {Map<string, number>} */
  const failed = new Map();
  let differences = 0;
  // While the recorder works on one chunk, this thread works on the one before.
  /** @type {{ first: number, tests: Uint8Array, results: Promise<Uint8Array> } | undefined} */
  let before;
  for (let first = 0; first < count || before; first += chunk) {
    const size = Math.min(chunk, count - first);
    const tests = size > 0 ? differential.tests(first, size) : undefined;
    const next = tests && { first, tests, results: recorder.run(tests) };
    if (size < chunk) recorder.close();
    if (before) {
      const results = await before.results;
      if (file) record(writer, before.tests, results);
      else {
        for (const { instructions, text } of differential.check(before.first, before.tests, results)) {
          differences++;
          const name = instructions.at(-1) ?? '';
          const times = (failed.get(name) ?? 0) + 1;
          failed.set(name, times);
          if (times <= printed) console.log(`${text}\n`);
        }
      }
    }
    before = next;
  }
  const seconds = (Date.now() - start) / 1000;
  if (file) {
    const bytes = brotliCompressSync(writer.bytes(), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
    writeFileSync(file, bytes);
    console.log(`Recorded ${count} tests of ${oracleVersion()} in ${bytes.length} bytes.`);
  } else {
    for (const [name, times] of failed) console.log(`${String(times).padStart(8)} ${name}`);
    const rate = Math.round(count / seconds);
    console.log(
      `${count} tests of ${differential.operations} operations, seed ${seed}, against ${oracleVersion()}: ` +
        `${differences} differences (${seconds.toFixed(0)} s, ${rate} tests a second).`,
    );
    process.exitCode = differences > 0 ? 1 : 0;
  }
});
