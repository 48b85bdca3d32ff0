// Measures domains of Xen on the simulated machine: `npm run measure -- --what shares|latency [--only NAME]
// [--seconds 20]`, as rows of docs/measurements/xen-scheduling.md; with --what schedulers, latency by scheduler and neighbour as the table of docs/xen/scheduling.md, and its
// plot if --svg names a file; with --what stories, each story's figures with three seeds; with --what network, the built-in host's TCP.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, options } from './bundle.mjs';
import { root, runScript, Stop } from './install.mjs';

const program = join(root, 'bin/el2lab');
const guest = (/** @type {string} */ name) =>
  new Uint8Array(readFileSync(join(root, 'guests/build/xen', `${name}.img`)));

await runScript(async () => {
  const given = options(['what', 'only', 'seconds', 'svg']);
  const what = given.text('what') ?? '';
  const seconds = given.number('seconds', 20);
  const only = given.text('only') ?? '';
  /** @type {typeof import('../rigs/measures/measures.ts')} */
  const measures = await import(await bundle('rigs/measures/measures.ts'));
  switch (what) {
    case 'shares':
      for (const scenario of measures.shareScenarios.filter(({ name }) => name.includes(only))) {
        const start = Date.now();
        const shares = measures.measureShares(scenario, guest('spin'), 1000 * seconds);
        const took = ((Date.now() - start) / 1000).toFixed(0);
        console.log(`${scenario.name.padEnd(60)} ${shares.map((s) => s.toFixed(1)).join(' ')}   (${took} s)`);
      }
      return;
    case 'latency': {
      const guests = Object.fromEntries(['rtos', 'spin', 'rogue'].map((name) => [name, guest(name)]));
      const cells = (/** @type {import('../src/xen/sched/latency-scenarios.ts').ReleaseLatency | null} */ figures) =>
        figures === null
          ? '|'
          : `${[figures.p50, figures.p99, figures.longest].map((us) => us.toFixed(us < 100 ? 1 : 0)).join(' · ')} | ${figures.missed.toFixed(1)}`;
      for (const scenario of measures.latencyScenarios.filter((each) =>
        `${each.scheduler}: ${each.name}`.includes(only),
      )) {
        const here = measures.measureLatency(scenario, guests, seconds);
        console.log(
          `| ${scenario.scheduler} | ${scenario.name} | ${cells(measures.recordedLatency(scenario))} | ${cells(here)} |`,
        );
      }
      return;
    }
    case 'schedulers': {
      const guests = Object.fromEntries(['rtos', 'spin', 'rogue'].map((name) => [name, guest(name)]));
      const rows = [...measures.measureSchedulers(guests, seconds)];
      console.log(measures.latencyTable(rows));
      const svg = given.text('svg');
      if (svg !== undefined) writeFileSync(svg, measures.latencyPlot(rows));
      return;
    }
    case 'stories':
      for (const name of measures.measuredStories.filter((each) => each.includes(only)))
        for (const seed of [1, 2, 3]) {
          const { status, stdout, stderr } = spawnSync(program, ['story', name, '--seed', `${seed}`], {
            encoding: 'utf8',
          });
          console.log(`\n${name}, seed ${seed}\n${stdout}${stderr.trim().split('\n').at(-1)}`);
          if (status !== 0) process.exitCode = 1;
        }
      return;
    case 'network': {
      const { download, upload, virtualDownload, virtualUpload, requests } = measures.measureNetwork(() => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e3;
      });
      /** @type {(mbs: number) => string} */
      const rate = (mbs) => `${mbs.toFixed(0)} MB/s`;
      console.log(`from the host: ${rate(download)} of processor time, ${rate(virtualDownload)} of virtual time`);
      console.log(`to the host: ${rate(upload)} of processor time, ${rate(virtualUpload)} of virtual time`);
      console.log(`requests, each on a connection of its own: ${requests.toFixed(0)} a second of processor time`);
      return;
    }
    default:
      throw new Stop(`--what takes shares, latency, schedulers or network, not '${what}'.`);
  }
});
