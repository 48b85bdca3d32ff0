// `npm run bench -- --programs [--chromium] [--rows A,B] [--repeat K]`: programs that Debian packages, and loads of our own, in
// its Linux on four cores, here and on native QEMU in turn. The first time it fetches the packages by apt.

import { existsSync } from 'node:fs';
import { Stop } from '../../scripts/install.mjs';
import { qemuVersion } from '../hosts.mjs';
import { lastLine, programsDisk } from './disk.mjs';
import { inChromium, inNode, kernel, onQemu } from './machines.mjs';
import { programRows } from './rows.mjs';

/** @typedef {import('./run.ts').Printed} Printed */

/**
 * What a row took, in milliseconds: of wall time, of processor time of all threads, and by Linux's own clock; and what it
 * printed, with its exit code.
 * @typedef {{ wallMs: number, cpuMs: number, guestMs: number, text: string }} Run
 */

/**
 * The rows' runs, by what was printed when. The first is the boot, until the first program begins.
 * @param {readonly Printed[]} printed
 * @returns {Run[]}
 */
function runsOf(printed) {
  /** @type {Run[]} */
  const runs = [];
  let begun = { wallMs: 0, cpuMs: 0, up: 0 };
  let text = '';
  let rest = '';
  for (const { text: part, wallMs, cpuMs } of printed) {
    const lines = (rest + part.replaceAll('\r', '')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, what, seconds, exit] = /^=== (begin|end) \d+ ([\d.]+) ?(\d*)$/.exec(line) ?? [];
      if (what === undefined) {
        text += `${line}\n`;
        continue;
      }
      const up = Number(seconds) * 1e3;
      if (what === 'end' || runs.length === 0) {
        const took = { wallMs: wallMs - begun.wallMs, cpuMs: cpuMs - begun.cpuMs, guestMs: up - begun.up };
        runs.push({ ...took, text: what === 'end' ? `${text}exit ${exit}` : '' });
      }
      begun = { wallMs, cpuMs, up };
      text = '';
    }
  }
  return runs;
}

/** @param {readonly number[]} values */
const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/**
 * Prints a line of the table.
 * @param {readonly string[]} cells
 */
const line = ([name = '', ...cells]) => console.log(name.padEnd(24) + cells.map((cell) => cell.padStart(11)).join(''));

/**
 * @param {{ inChromium: boolean, rows: readonly string[], repeat: number }} options
 */
export async function benchPrograms(options) {
  if (!existsSync(kernel)) throw new Stop('This needs Debian’s kernel: npm run images fetches it.');
  const version = qemuVersion();
  if (version === undefined) throw new Stop('This needs qemu-system-aarch64, to compare with.');
  const rows = programRows.filter(({ name }) => options.rows.some((part) => name.includes(part)));
  if (rows.length === 0) throw new Stop(`--rows names none of: ${programRows.map(({ name }) => name).join(', ')}.`);
  const initrd = await programsDisk(rows);
  const host = await (options.inChromium ? inChromium(initrd) : inNode(initrd));
  console.log(
    `Programs in Linux on four cores: EL2 Lab in ${host.name} against QEMU ${version}, best of ${options.repeat}.`,
  );
  /** @type {Run[][]} */
  const ours = [];
  /** @type {Run[][]} */
  const theirs = [];
  try {
    for (let i = 0; i < options.repeat; i++) {
      ours.push(runsOf(await host.run(lastLine)));
      theirs.push(runsOf(await onQemu(initrd, lastLine)));
    }
  } finally {
    await host.close();
  }
  /** @type {(runs: readonly Run[][], row: number, time: 'wallMs' | 'cpuMs' | 'guestMs') => number} */
  const least = (runs, row, time) => Math.min(...runs.map((run) => run[row]?.[time] ?? Number.NaN));
  line(['', 'wall s', 'QEMU', 'ratio', ...(options.inChromium ? [] : ['CPU s', 'QEMU', 'ratio']), 'virtual s']);
  /** @type {{ name: string, wall: number, cpu: number }[]} */
  const ratios = [];
  for (const [i, name] of ['boot', ...rows.map((row) => row.name)].entries()) {
    const wall = [least(ours, i, 'wallMs'), least(theirs, i, 'wallMs')];
    const cpu = [least(ours, i, 'cpuMs'), least(theirs, i, 'cpuMs')];
    const [wallRatio, cpuRatio] = [wall, cpu].map(([mine = Number.NaN, other = Number.NaN]) => other / mine);
    const seconds = (/** @type {number[]} */ times) => times.map((ms) => (ms / 1e3).toFixed(2));
    const differs = ours[0]?.[i]?.text !== theirs[0]?.[i]?.text;
    line([
      name,
      ...[...seconds(wall), (wallRatio ?? 0).toFixed(2)],
      ...(options.inChromium ? [] : [...seconds(cpu), (cpuRatio ?? 0).toFixed(2)]),
      ...seconds([least(ours, i, 'guestMs')]),
      ...(differs ? ['  PRINTED SOMETHING ELSE THAN ON QEMU'] : []),
    ]);
    ratios.push({ name, wall: wallRatio ?? Number.NaN, cpu: cpuRatio ?? Number.NaN });
  }
  /** @type {readonly ('wall' | 'cpu')[]} */
  const times = options.inChromium ? ['wall'] : ['wall', 'cpu'];
  for (const time of times) {
    const worst = ratios.reduce((least, row) => (row[time] < least[time] ? row : least));
    const mean = geometricMean(ratios.map((row) => row[time]));
    const what = time === 'wall' ? 'wall time' : 'processor time';
    console.log(`By ${what}: geometric mean ${mean.toFixed(2)}, worst ${worst.name} with ${worst[time].toFixed(2)}.`);
  }
}
