// `npm run bench`: the simulator against native QEMU on the same images in the same run, as ratios of their speeds.
//   --chromium     in headless Chromium instead of Node
//   --engines      the page's first session, and the rows, in each browser engine that is installed (bench/engines.mjs)
//   --linux        the boot of Debian's kernel on four cores instead of the rows (bench/linux.mjs)
//   --programs     Debian's programs in its Linux instead, on four cores (bench/programs)
//   --domain       with --programs: Linux is a domain of Xen here, with four vCPUs
//   --profile      with --programs: what bounds each
//   --xen          Xen's own figures instead: hypercalls, changes of domain, idle domains, disk and network of Linux domains (bench/xen.mjs)
//   --board        bytes by time of the board's SD card and Ethernet under Linux instead (bench/board.mjs)
//   --rows A,B     only the rows whose names contain one of these
//   --repeat K     runs of each number of iterations on either side (default 7, of all programs 1)
//   --json FILE    also writes the figures to a file

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installPackages, runScript, Stop } from '../scripts/install.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./hosts.mjs').Times} Times */
/** @typedef {import('./machine.ts').Figures} Figures */

/**
 * Runs one row on both simulators, in turn. Each has its time without starting and warming up: ours by the second half of a
 * run, QEMU's, which does not tell how far it is, by what a run takes longer than one with a quarter of the iterations.
 * @param {Row} row
 * @param {import('./hosts.mjs').Host} host
 * @param {((row: Row, iterations: number) => Times) | undefined} qemu
 * @param {number} repeat
 */
async function measure(row, host, qemu, repeat) {
  const many = row.iterations;
  const few = many / 4;
  /** @type {Awaited<ReturnType<typeof host.run>>[]} */
  const ours = [];
  /** @type {Times[]} */
  const shortQemu = [];
  /** @type {Times[]} */
  const longQemu = [];
  for (let i = 0; i < repeat; i++) {
    ours.push(await host.run(row, many));
    if (qemu === undefined || row.interpreted) continue;
    shortQemu.push(qemu(row, few));
    longQemu.push(qemu(row, many));
  }
  const [first] = ours;
  if (!first) throw new Stop('--repeat is at least 1.');
  const { translations, rss } = first;
  const instructions = (first.instructions - (await host.run(row, few)).instructions) / (many - few);
  /** @type {(pick: (figures: Figures) => number) => number} */
  const least = (pick) => Math.min(...ours.map(pick));
  const el2lab = {
    cpuNs: least(({ late }) => (late.cpuMs * 1e6) / late.instructions) * instructions,
    wallNs: least(({ late }) => (late.wallMs * 1e6) / late.instructions) * instructions,
  };
  /** @param {'cpuMs' | 'wallMs'} time */
  const longer = (time) =>
    Math.min(...longQemu.map((run) => run[time])) - Math.min(...shortQemu.map((run) => run[time]));
  return {
    name: row.name,
    instructions,
    el2lab,
    qemu:
      longQemu.length > 0
        ? { cpuNs: (longer('cpuMs') * 1e6) / (many - few), wallNs: (longer('wallMs') * 1e6) / (many - few) }
        : undefined,
    target: row.target,
    targetMips: row.targetMips,
    targetNs: row.targetNs,
    // What the loop does not explain: interpreting until all is hot, translating, the engine's compilers on all threads.
    warmUpMs: least((run) => run.cpuMs - (run.late.cpuMs / run.late.instructions) * run.instructions),
    translatingMs: least((run) => run.translatingMs),
    translations,
    rss,
  };
}

/** @typedef {Awaited<ReturnType<typeof measure>>} Result */

/**
 * Prints a line of a table.
 * @param {readonly string[]} cells
 */
const line = ([name = '', ...cells]) => console.log(name.padEnd(38) + cells.map((cell) => cell.padStart(10)).join(''));

/**
 * @param {number | undefined} value
 * @param {number} digits
 */
const fixed = (value, digits) => (value === undefined ? '-' : value.toFixed(digits));

/** @param {Result} result */
function speedLine({ name, instructions, el2lab, qemu, target, targetMips, targetNs }) {
  const mips = (instructions * 1e3) / el2lab.cpuNs;
  const ratio = qemu && qemu.cpuNs / el2lab.cpuNs;
  const [goal, met] =
    target !== undefined
      ? [`${target}`, (ratio ?? Number.NaN) >= target]
      : targetMips !== undefined
        ? [`${targetMips} MIPS`, mips >= targetMips]
        : targetNs !== undefined
          ? [`${targetNs} ns`, el2lab.cpuNs <= targetNs]
          : ['-', undefined];
  return [
    name,
    fixed(instructions, 1),
    fixed(el2lab.cpuNs, 2),
    fixed(qemu?.cpuNs, 2),
    fixed(mips, 0),
    fixed(qemu && (instructions * 1e3) / qemu.cpuNs, 0),
    fixed(ratio, 2),
    fixed(qemu && qemu.wallNs / el2lab.wallNs, 2),
    goal,
    met === undefined ? '' : met ? 'met' : 'NOT MET',
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
      chromium: { type: 'boolean', default: false },
      engines: { type: 'boolean', default: false },
      linux: { type: 'boolean', default: false },
      programs: { type: 'boolean', default: false },
      domain: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      xen: { type: 'boolean', default: false },
      board: { type: 'boolean', default: false },
      rows: { type: 'string', default: '' },
      repeat: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const repeat = Number(values.repeat ?? (values.programs ? 1 : 7));
  if (values.programs) {
    const { benchPrograms } = await import('./programs/programs.mjs');
    const { chromium: inChromium, profile } = values;
    const place = values.domain ? 'domain' : 'board';
    await benchPrograms({ place, inChromium, rows: values.rows.split(','), repeat, profile });
    return;
  }
  if (values.linux) {
    const { benchLinux } = await import('./linux.mjs');
    await benchLinux({ inChromium: values.chromium, repeat });
    return;
  }
  if (values.xen) {
    const { benchXen } = await import('./xen.mjs');
    await benchXen({ inChromium: values.chromium });
    return;
  }
  if (values.board) {
    const { benchBoard } = await import('./board.mjs');
    await benchBoard();
    return;
  }
  const { rows } = await import('./rows.mjs');
  const wanted = values.rows.split(',');
  const chosen = rows.filter(({ name }) => wanted.some((part) => name.includes(part)));
  if (values.engines) {
    const { benchEngines } = await import('./engines.mjs');
    await benchEngines({ rows: chosen, repeat });
    return;
  }
  const { chromiumHost, nodeHost, qemuVersion, runQemu } = await import('./hosts.mjs');
  const host = await (values.chromium ? chromiumHost() : nodeHost());
  const version = qemuVersion();
  const opponent = version === undefined ? 'no QEMU: it is not installed' : `QEMU ${version}`;
  const time = values.chromium ? 'Wall time' : 'Processor time of all threads';
  console.log(`EL2 Lab in ${host.name} against ${opponent}.`);
  console.log(
    `${time} without starting and warming up, best of ${repeat}; the other column is the ratio by wall time.`,
  );
  console.log('Where other programs share the machine, a second run may differ by a tenth or more.');
  console.log('A ratio above 1: faster than QEMU.\n');
  line(['', 'instr.', 'ns/it.', 'QEMU', 'MIPS', 'QEMU', 'ratio', 'wall', 'target']);
  /** @type {Result[]} */
  const results = [];
  try {
    for (const row of chosen) {
      const result = await measure(row, host, version === undefined ? undefined : runQemu, repeat);
      results.push(result);
      line(speedLine(result));
    }
  } finally {
    await host.close();
  }
  const translating = results.filter(({ translations }) => translations.blocks >= 1000);
  if (translating.length > 0) {
    console.log(
      '\nTranslation. A block has instructions, takes bytes of WebAssembly and microseconds: on the thread that runs the',
    );
    console.log('machine; and of processor time in all, from the first time it is interpreted until it is optimised.');
    line(['', 'regions', 'blocks', 'instr.', 'bytes', 'µs here', 'µs all', 'evictions', 'RSS MiB']);
    for (const result of translating) line(translationLine(result));
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
});
