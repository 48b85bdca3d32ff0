// Types commands into the shell of a Linux that boots in a process, and measures them.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Stop } from '../scripts/install.mjs';

/**
 * What a command took, in milliseconds: of the host's wall time, of processor time of all threads of the process, and by
 * the clock of its Linux, which is virtual time in EL2 Lab; and what it printed.
 * @typedef {{wall: number, processor: number, guest: number, text: string}} Times
 */

/** @param {number} pid */
function processorTime(pid) {
  // Fields 14 and 15 of proc(5), in ticks of 10 ms; the name before them has no blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/**
 * Types each row's command twice, then measures it.
 * @param {string} program
 * @param {string[]} args
 * @param {{setUp: readonly string[], rows: readonly {command: string}[]}} what
 * @returns {Promise<Times[]>}
 */
export function measureLinux(program, args, { setUp, rows }) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const pid = /** @type {number} */ (child.pid);
  const commands = [
    ...setUp,
    ...rows.map(({ command }) => `${command}; ${command}; echo BE''GIN; time sh -c "${command}"; echo E''ND`),
  ];
  return new Promise((resolve, reject) => {
    let text = '';
    let begun = { wall: 0, processor: 0 };
    /** @type {Times[]} */
    const times = [];
    child.on('error', reject);
    child.on('exit', () => reject(new Stop(`${program} ended before the end of its commands:\n${text.slice(-2000)}`)));
    child.stdout.setEncoding('latin1').on('data', (/** @type {string} */ part) => {
      text += part;
      const now = { wall: performance.now(), processor: processorTime(pid) };
      if (begun.wall === 0 && /^BEGIN\r?$/m.test(text)) begun = now;
      if (begun.wall > 0 && /^END\r?$/m.test(text)) {
        const real = /^real\s+(\d+)m ([\d.]+)s/m.exec(text);
        times.push({
          wall: now.wall - begun.wall,
          processor: now.processor - begun.processor,
          guest: (Number(real?.[1]) * 60 + Number(real?.[2])) * 1e3,
          text: text.slice(text.search(/^BEGIN\r?$/m)),
        });
        begun = { wall: 0, processor: 0 };
        text = text.slice(text.search(/^END\r?$/m) + 3);
      }
      if (!text.endsWith('/ # \x1b[6n') && !text.endsWith('/ # ')) return;
      text = '';
      const next = commands.shift();
      if (next !== undefined) child.stdin.write(`${next}\r`);
      else {
        resolve(times);
        child.kill();
      }
    });
  });
}

/**
 * Prints MiB/s by wall time and by processor time, here and on QEMU, and what Linux sees here.
 * @param {string} name
 * @param {number} mib
 * @param {Times | undefined} ours
 * @param {Times | undefined} qemu
 */
export function printRow(name, mib, ours, qemu) {
  const rate = (/** @type {number | undefined} */ ms) => (mib * 1e3) / (ms ?? Number.NaN);
  const compared = (/** @type {'wall' | 'processor'} */ time) => {
    const [mine, theirs] = [rate(ours?.[time]), rate(qemu?.[time])];
    return `${mine.toFixed(1)} MiB/s, QEMU ${theirs.toFixed(1)}: ${(mine / theirs).toFixed(2)}`;
  };
  console.log(
    `${name.padEnd(20)} wall time ${compared('wall')}; processor time ${compared('processor')}; virtual time ${rate(ours?.guest).toFixed(0)} MiB/s`,
  );
}
