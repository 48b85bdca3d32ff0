// `npm run bench`: the simulator against native QEMU on the same images in the same run, as ratios of their speeds.
//   --chromium     in headless Chromium instead of Node
//   --rows A,B     only the rows whose names contain one of these
//   --repeat K     runs of each number of iterations on either side (default 7)
//   --json FILE    also writes the figures to a file

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installPackages, runScript, Stop } from '../scripts/install.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./hosts.mjs').Times} Times */

/**
 * The best of several runs, by wall time and processor time each for itself.
 * @param {readonly Times[]} runs
 */
const best = (runs) => ({
  wallMs: Math.min(...runs.map((run) => run.wallMs)),
  cpuMs: Math.min(...runs.map((run) => run.cpuMs)),
});

/**
 * Runs one row on both simulators, in turn.
 * @param {Row} row
 * @param {import('./hosts.mjs').Host} host
 * @param {((row: Row, iterations: number) => Times) | undefined} qemu
 * @param {number} repeat
 */
async function measure(row, host, qemu, repeat) {
  const many = row.iterations * host.longer;
  const few = many / 4;
  const counts = [few, many];
  /** @type {Awaited<ReturnType<typeof host.run>>[][]} */
  const ours = [[], []];
  /** @type {Times[][]} */
  const theirs = [[], []];
  for (let i = 0; i < repeat; i++) {
    for (const [which, iterations] of counts.entries()) {
      ours[which]?.push(await host.run(row, iterations));
      if (qemu && !row.interpreted) theirs[which]?.push(qemu(row, iterations));
    }
  }
  const [shortRuns = [], longRuns = []] = ours;
  const [shortQemu = [], longQemu = []] = theirs;
  const [short, long] = [shortRuns[0], longRuns[0]];
  if (!short || !long) throw new Stop('--repeat is at least 1.');
  /**
   * Nanoseconds an iteration, of processor and wall time.
   * @param {readonly Times[]} a
   * @param {readonly Times[]} b
   */
  const perIteration = (a, b) => {
    const [x, y] = [best(a), best(b)];
    return {
      cpuNs: ((y.cpuMs - x.cpuMs) * 1e6) / (many - few),
      wallNs: ((y.wallMs - x.wallMs) * 1e6) / (many - few),
    };
  };
  const instructions = (long.figures.instructions - short.figures.instructions) / (many - few);
  const el2lab = perIteration(shortRuns, longRuns);
  const { translations } = long.figures;
  // What the loop does not explain: interpreting until all is hot, translating, the engine's compilers on all their threads.
  const warmUpMs = best(shortRuns).cpuMs - (el2lab.cpuNs * few) / 1e6;
  return {
    name: row.name,
    instructions,
    el2lab,
    qemu: longQemu.length > 0 ? perIteration(shortQemu, longQemu) : undefined,
    target: row.target,
    targetMips: row.targetMips,
    warmUpMs,
    translatingMs: Math.min(...longRuns.map((run) => run.figures.translatingMs)),
    translations,
    rss: long.rss,
  };
}

/** @typedef {Awaited<ReturnType<typeof measure>>} Result */

/** @param {readonly (readonly string[])[]} lines the first is the heading */
function table(lines) {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  for (const line of lines) {
    console.log(
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    );
  }
}

/**
 * @param {number | undefined} value
 * @param {number} digits
 */
const fixed = (value, digits) => (value === undefined ? '-' : value.toFixed(digits));

/** @param {Result} result */
function speedLine({ name, instructions, el2lab, qemu, target, targetMips }) {
  const mips = (instructions * 1e3) / el2lab.cpuNs;
  const ratio = qemu && qemu.cpuNs / el2lab.cpuNs;
  const met = target !== undefined ? (ratio ?? Number.NaN) >= target : targetMips !== undefined && mips >= targetMips;
  return [
    name,
    fixed(instructions, 1),
    fixed(el2lab.cpuNs, 2),
    fixed(qemu?.cpuNs, 2),
    fixed(mips, 0),
    fixed(qemu && (instructions * 1e3) / qemu.cpuNs, 0),
    fixed(ratio, 2),
    fixed(qemu && qemu.wallNs / el2lab.wallNs, 2),
    target !== undefined ? `${target}` : targetMips !== undefined ? `${targetMips} MIPS` : '-',
    target === undefined && targetMips === undefined ? '' : met ? 'met' : 'NOT MET',
  ];
}

/** @param {Result} result */
function translationLine({ name, translations, translatingMs, warmUpMs, rss }) {
  const { regions, blocks, instructions, bytes, evictions } = translations;
  return [
    name,
    `${regions}`,
    `${blocks}`,
    fixed(instructions / blocks, 1),
    fixed(bytes / blocks, 0),
    fixed((translatingMs * 1e3) / blocks, 1),
    fixed((warmUpMs * 1e3) / blocks, 1),
    `${evictions}`,
    fixed(rss && rss / 2 ** 20, 0),
  ];
}

await runScript(async () => {
  installPackages();
  const { values } = parseArgs({
    options: {
      chromium: { type: 'boolean' },
      rows: { type: 'string', default: '' },
      repeat: { type: 'string', default: '7' },
      json: { type: 'string' },
    },
  });
  const { rows } = await import('./rows.mjs');
  const { chromiumHost, nodeHost, qemuVersion, runQemu } = await import('./hosts.mjs');
  const wanted = values.rows.split(',');
  const chosen = rows.filter(({ name }) => wanted.some((part) => name.includes(part)));
  const host = await (values.chromium ? chromiumHost() : nodeHost());
  const version = qemuVersion();
  console.log(
    `EL2 Lab in ${host.name} against ${version === undefined ? 'no QEMU: it is not installed' : `QEMU ${version}`}`,
  );
  console.log(
    `Processor time of the whole process, best of ${values.repeat}, differences of two numbers of iterations.`,
  );
  console.log(
    'Where other programs share the machine, a second run may differ by a tenth or more. Ratios above 1: faster than QEMU.\n',
  );
  /** @type {Result[]} */
  const results = [];
  try {
    for (const row of chosen) {
      process.stderr.write(`${row.name} ...\n`);
      results.push(await measure(row, host, version === undefined ? undefined : runQemu, Number(values.repeat)));
    }
  } finally {
    await host.close();
  }
  const speedHeading = ['', 'instr.', 'ns/it.', 'QEMU', 'MIPS', 'QEMU', 'ratio', 'wall', 'target', ''];
  table([speedHeading, ...results.map(speedLine)]);
  const translationHeading = ['', 'regions', 'blocks', 'instr.', 'bytes', 'µs here', 'µs all', 'evictions', 'RSS MiB'];
  const translating = results.filter(({ translations }) => translations.blocks >= 1000);
  if (translating.length > 0) {
    console.log(
      '\nTranslation. A block has instructions, takes bytes of WebAssembly and microseconds: on the thread that runs the',
    );
    console.log('machine; and of processor time in all, from the first time it is interpreted until it is optimised.');
    table([translationHeading, ...translating.map(translationLine)]);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
});
