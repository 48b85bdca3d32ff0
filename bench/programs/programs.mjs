// `npm run bench -- --programs [--chromium] [--rows A,B] [--repeat K] [--domain] [--profile]`: programs that Debian packages, and loads of our
// own, in its Linux on four cores, here and on native QEMU in turn. The first time it fetches the packages by apt. With --profile,
// which costs some time, it says for each what bounds it.

import { existsSync } from 'node:fs';
import { Stop } from '../../scripts/install.mjs';
import { qemuVersion } from '../hosts.mjs';
import { lastLine, programsDisk } from './disk.mjs';
import { explain } from './explain.mjs';
import { inChromium, inNode, kernel, onQemu } from './machines.mjs';
import { programRows } from './rows.mjs';
import { runsOf } from './runs.mjs';

/** @typedef {import('./runs.mjs').Run} Run */

/** @param {readonly number[]} values */
const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/**
 * Prints a line of the table.
 * @param {readonly string[]} cells
 */
const line = ([name = '', ...cells]) => console.log(name.padEnd(24) + cells.map((cell) => cell.padStart(11)).join(''));

/**
 * @param {{ inChromium: boolean, rows: readonly string[], repeat: number, profile: boolean,
 *   place: import('./run.ts').Place }} options
 */
export async function benchPrograms(options) {
  if (!existsSync(kernel)) throw new Stop('This needs Debian’s kernel: npm run images fetches it.');
  const version = qemuVersion();
  if (version === undefined) throw new Stop('This needs qemu-system-aarch64, to compare with.');
  const rows = programRows.filter(({ name }) => options.rows.some((part) => name.includes(part)));
  if (rows.length === 0) throw new Stop(`--rows names none of: ${programRows.map(({ name }) => name).join(', ')}.`);
  if (options.profile && options.inChromium) throw new Stop('--profile is for Node.');
  const initrd = await programsDisk(rows);
  const host = await (options.inChromium
    ? inChromium(options.place, initrd)
    : inNode(options.place, initrd, options.profile));
  console.log(
    `Programs in Linux on four cores${options.place === 'domain' ? ', a domain of Xen here' : ''}: EL2 Lab in ${host.name} against QEMU ${version}, best of ${options.repeat}.`,
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
  line(['', 'wall s', 'QEMU', 'ratio', ...['CPU s', 'QEMU', 'ratio'], 'virtual s']);
  /** @type {{ name: string, wall: number, cpu: number }[]} */
  const ratios = [];
  const names = ['boot', ...rows.map((row) => row.name)];
  for (const [i, name] of names.entries()) {
    const wall = [least(ours, i, 'wallMs'), least(theirs, i, 'wallMs')];
    const cpu = [least(ours, i, 'cpuMs'), least(theirs, i, 'cpuMs')];
    const [wallRatio, cpuRatio] = [wall, cpu].map(([mine = Number.NaN, other = Number.NaN]) => other / mine);
    const seconds = (/** @type {number[]} */ times) => times.map((ms) => (ms / 1e3).toFixed(2));
    const differs = ours[0]?.[i]?.text !== theirs[0]?.[i]?.text;
    line([
      name,
      ...[...seconds(wall), (wallRatio ?? 0).toFixed(2)],
      ...[...seconds(cpu), (cpuRatio ?? 0).toFixed(2)],
      ...seconds([least(ours, i, 'guestMs')]),
      ...(differs ? ['  PRINTED SOMETHING ELSE THAN ON QEMU'] : []),
    ]);
    if (i > 0) ratios.push({ name, wall: wallRatio ?? Number.NaN, cpu: cpuRatio ?? Number.NaN });
  }
  for (const time of /** @type {const} */ (['wall', 'cpu'])) {
    const worst = ratios.reduce((least, row) => (row[time] < least[time] ? row : least));
    const mean = geometricMean(ratios.map((row) => row[time]));
    const what = time === 'wall' ? 'wall time' : 'processor time';
    console.log(
      `Programs by ${what}: geometric mean ${mean.toFixed(2)}, worst ${worst.name} with ${worst[time].toFixed(2)}.`,
    );
  }
  if (options.profile && ours[0]) explain(names, ours[0]);
}
